import { useTranslation } from "react-i18next";
import { Problem, problemSentence } from "../../api/problem";
import type { Import, ProblemBody } from "../../api/types";
import { Sentence } from "../../shared/Blank";

export function importProblem(t: ReturnType<typeof useTranslation>["t"], one: Import): string | null {
  return one.problem ? problemSentence(t, new Problem(one.problem as unknown as ProblemBody)) : null;
}

/** One import under way or just finished: a bar and its numbers. */
export function Progress({ one }: { one: Import }) {
  const { t, i18n } = useTranslation();
  const format = new Intl.NumberFormat(i18n.language);
  const share = one.state === "done" ? 1 : one.rows_total ? Math.min(1, one.rows_read / one.rows_total) : null;
  const numbers = [
    ["rows_new", one.rows_new, ""], ["rows_known", one.rows_known, ""], ["rows_bad", one.rows_bad, one.rows_bad > 0 ? "sw-amber" : ""],
    ["rows_triaged", one.rows_triaged, ""],
  ] as const;
  return (
    <section className="im-progress sw-panel" data-testid="import-progress" data-state={one.state}>
      <div className="im-progress-head">
        <strong className="sw-cut">{one.file_name}</strong>
        <span className={one.state === "done" ? "sw-green" : one.state === "failed" ? "sw-red" : "sw-blue"}>{t(`imports.state_${one.state}`)}</span>
        <span className="sw-quiet sw-num">
          {t("imports.of_total", { read: format.format(one.rows_read), total: format.format(one.rows_total) })}
        </span>
      </div>
      <progress className={`im-bar im-bar-${one.state}`} max={1} value={share ?? undefined} aria-label={one.file_name} />
      <dl className="im-numbers">
        {numbers.map(([key, value, tone]) => (
          <div key={key}>
            <dt className="sw-small sw-quiet">{t(`imports.${key}`)}</dt>
            <dd className={`im-number sw-num ${tone}`} data-testid={key.replace("_", "-")}>{format.format(value)}</dd>
          </div>
        ))}
      </dl>
      {one.state === "failed" ? <Sentence tone="red">{t("imports.failed_text", { reason: importProblem(t, one) ?? t("problem.internal") })}</Sentence> : null}
    </section>
  );
}
