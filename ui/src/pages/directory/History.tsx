import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { historyQuery, type HistoryEntry, type Kind } from "../../api/directory";
import { useArea } from "../../app/session";
import { ErrorBlank, Loading } from "../../shared/Blank";
import { Withheld } from "../../shared/Withheld";
import { useTimes } from "../../shared/time";
import { FieldChanges } from "./FieldChanges";

/** Who changed a record, when, why, and what. */
export function History({ kind, code }: { kind: Kind; code: string }) {
  const { t } = useTranslation();
  const { area } = useArea();
  const query = useQuery(historyQuery(area.code, kind.kind, code));
  return (
    <section className="di-section" aria-labelledby="history-title">
      <h3 id="history-title">{t("dir.history.title")}</h3>
      {query.isPending ? <Loading rows={3} />
        : query.isError && !query.data ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />
        : query.data?.entries.length === 0 ? <p className="sw-quiet">{t("dir.history.none")}</p>
        : <ol className="di-history">{query.data?.entries.map((entry, index) => <Entry key={`${entry.at} ${index}`} kind={kind} entry={entry} />)}</ol>}
    </section>
  );
}

/** What the command line writes as the reason of a load. */
const FOLDER = "folder";

function Entry({ kind, entry }: { kind: Kind; entry: HistoryEntry }) {
  const { t } = useTranslation();
  const times = useTimes();
  // the first version of a record is what is shown above, or in the changes since
  const fields = entry.op === "changed" || entry.op === "revived" ? entry.fields ?? [] : [];
  const hidden = entry.withheld.length > 0;
  return (
    <li data-testid="history-entry">
      <p>
        <span className="sw-num sw-quiet">{times.stamp(entry.at)}</span> {hidden ? null : <strong>{entry.actor_name ?? t("common.system")}</strong>}{" "}
        {t(`dir.op.${entry.op}`)}
      </p>
      {hidden ? <p><Withheld /></p> : <p className="sw-quiet">{entry.reason === FOLDER ? t("dir.history.folder") : entry.reason}</p>}
      {fields.length > 0 ? <FieldChanges kind={kind} fields={fields} /> : null}
    </li>
  );
}
