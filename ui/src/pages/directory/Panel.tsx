import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { recordQuery, type Kind } from "../../api/directory";
import { asProblem } from "../../api/problem";
import { useArea } from "../../app/session";
import { Blank, ErrorBlank, Loading } from "../../shared/Blank";
import { useShortcut } from "../../shared/keyboard";
import { useDraft } from "./draft";
import { RecordForm } from "./form/RecordForm";
import type { Looking } from "./params";
import { Record } from "./Record";

interface Props { kinds: Kind[]; kind: Kind; looking: Looking; look: (change: Partial<Looking>, replace?: boolean) => void }

/** The right side: one record, its form, or a hint what to do. */
export function Panel({ kinds, kind, looking, look }: Props) {
  const { t } = useTranslation();
  const { items } = useDraft();
  const { code, mode } = looking;
  useShortcut("Escape", () => look(mode ? { mode: null, item: null } : { code: null }), { off: code === null && mode === null });
  if (mode === "new" && kind.writable) {
    const item = items.find(({ id }) => id === looking.item);
    return <aside className="di-panel"><RecordForm key={looking.item ?? "new"} kind={kind} item={item} look={look} /></aside>;
  }
  if (code === null)
    return (
      <aside className="di-panel di-panel-empty">
        <Blank title={t("dir.pick")} text={t("dir.pick_text")} />
      </aside>
    );
  return <aside className="di-panel"><One key={`${kind.kind} ${code}`} kinds={kinds} kind={kind} code={code} looking={looking} look={look} /></aside>;
}

function One({ kinds, kind, code, looking, look }: Props & { code: string }) {
  const { t } = useTranslation();
  const { area } = useArea();
  const { items } = useDraft();
  const query = useQuery(recordQuery(area.code, kind.kind, code));
  const item = items.find((one) => one.kind === kind.kind && one.code === code);
  if (query.isPending) return <Loading rows={8} />;
  if (query.error && !query.data) {
    if (asProblem(query.error).status === 404) return <Blank title={t("dir.missing")} text={t("dir.missing_text")} testId="record-missing" />;
    return <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />;
  }
  const record = query.data;
  if (!record) return null;
  if (looking.mode === "edit" && kind.writable) return <RecordForm key={record.version} kind={kind} record={record} item={item} look={look} />;
  return <Record kinds={kinds} kind={kind} record={record} item={item} look={look} />;
}
