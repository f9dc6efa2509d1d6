import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { referencesQuery } from "../../api/directory";
import { useArea } from "../../app/session";
import { ErrorBlank, Loading } from "../../shared/Blank";
import { Touches } from "./Touches";

/** To what other records may refer; the others' references are not kept. */
const REFERRED = new Set(["unit", "staff", "grid", "place", "scheme", "class"]);

/** What refers to a record. Asked for only when it is opened: the server looks through everything. */
export function References({ kind, code }: { kind: string; code: string }) {
  const { t } = useTranslation();
  const { area } = useArea();
  const [open, setOpen] = useState(false);
  const query = useQuery({ ...referencesQuery(area.code, kind, code), enabled: open });
  if (!REFERRED.has(kind)) return null;
  return (
    <details className="di-section di-references" open={open} onToggle={(event) => setOpen(event.currentTarget.open)} data-testid="references">
      <summary><h3>{t("dir.references")}</h3></summary>
      {query.isPending ? <Loading rows={2} />
        : query.error && !query.data ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />
        : query.data?.length === 0 ? <p className="sw-quiet">{t("dir.references_none")}</p>
        : <Touches touches={query.data ?? []} />}
    </details>
  );
}
