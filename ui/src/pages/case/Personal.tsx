import { useQuery } from "@tanstack/react-query";
import { createContext, useContext, useMemo, useState, type ReactNode } from "react";
import { personalQuery } from "../../api/queries";
import type { CaseView, PersonalField, Purpose } from "../../api/types";
import { useCan } from "../../app/session";

interface Kept { forgotten: boolean; fields: PersonalField[] }

interface Personal {
  items: Map<string, Kept>; purposes: Purpose[]; restricted: boolean;
  /** The purpose chosen last on this page. */
  purpose: string | null; remember: (code: string) => void;
}

const PersonalContext = createContext<Personal | null>(null);

/** What the vault holds of the case: which tokens may be opened, and what for. */
export function PersonalProvider({ view, children }: { view: CaseView; children: ReactNode }) {
  const may = useCan()("vault.read");
  const { data } = useQuery({ ...personalQuery(view.id, view.version), enabled: may });
  const [purpose, remember] = useState<string | null>(null);
  const value = useMemo<Personal | null>(
    () =>
      data
        ? { items: new Map(data.items.map((one) => [one.item, one])), purposes: data.purposes, restricted: data.restricted, purpose, remember }
        : null,
    [data, purpose],
  );
  return <PersonalContext value={value}>{children}</PersonalContext>;
}

export function usePersonal(): Personal | null {
  return useContext(PersonalContext);
}
