import { Button } from "antd";
import { useTranslation } from "react-i18next";
import type { Kind } from "../../api/directory";
import type { Problem } from "../../api/problem";
import { Sentence } from "../../shared/Blank";
import { kindName } from "./kinds";

/** Somebody else was quicker: what happened, what was kept, what to do. */
export function StaleNote({ problem, kinds, busy, onRefresh }: { problem: Problem; kinds: Kind[]; busy: boolean; onRefresh: () => void }) {
  const { t, i18n } = useTranslation();
  const records = Array.isArray(problem.params["records"]) ? (problem.params["records"] as string[]) : [];
  const named = records.map((record) => {
    const [kind = "", ...code] = record.split(" ");
    const known = kinds.find((one) => one.kind === kind);
    return `${known ? kindName(known, i18n.language) : kind} ${code.join(" ")}`;
  });
  return (
    <div data-testid="stale">
      <Sentence tone="amber">
        <span>{named.length > 0 ? t("dir.stale.records", { list: named.join(t("common.list")) }) : t("dir.stale.directory")}</span>
        <Button size="small" loading={busy} onClick={onRefresh} data-testid="stale-refresh">{t("dir.stale.refresh")}</Button>
      </Sentence>
    </div>
  );
}
