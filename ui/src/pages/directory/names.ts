import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { directoryQuery } from "../../api/queries";
import { useArea } from "../../app/session";
import { useTimes } from "../../shared/time";
import type { Words } from "./values";

export type NameOf = (kind: string, code: string) => string | undefined;

/** Names of units, grids and classes by their codes: what lists show instead of codes. */
export function useNames(): NameOf {
  const { i18n } = useTranslation();
  const { area } = useArea();
  const known = useQuery(directoryQuery(area.code)).data;
  const english = i18n.language === "en";
  return useMemo(() => {
    const pick = (one: { name: string; name_en?: string }): string => (english && one.name_en) || one.name;
    const names = new Map<string, string>();
    for (const one of known?.units ?? []) names.set(`unit ${one.code}`, pick(one));
    for (const one of known?.grids ?? []) names.set(`grid ${one.code}`, one.name);
    for (const one of known?.categories ?? []) {
      names.set(`class ${one.scheme}/${one.code}`, pick(one));
      // a prefix that begins all classes of a group stands for the group
      const group = `class ${one.scheme}/${one.code.split("-").slice(0, -1).join("-")}`;
      if (one.group && !names.has(group)) names.set(group, one.group);
    }
    return (kind, code) => names.get(`${kind} ${code}`);
  }, [known, english]);
}

export function useWords(): Words {
  const { t } = useTranslation();
  const nameOf = useNames();
  const times = useTimes();
  return useMemo(() => ({ t, nameOf, times }), [t, nameOf, times]);
}
