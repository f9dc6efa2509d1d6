import { Button } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { asProblem, problemSentence } from "../api/problem";
import "./blank.css";

interface BlankProps { title: string; text?: string; children?: ReactNode; testId?: string }

/** A page or panel that has nothing to show, and says why and what to do. */
export function Blank({ title, text, children, testId }: BlankProps) {
  return (
    <div className="sw-blank" role="status" data-testid={testId}>
      <p className="sw-blank-title">{title}</p>
      {text ? <p className="sw-quiet">{text}</p> : null}
      {children ? <div className="sw-blank-do">{children}</div> : null}
    </div>
  );
}

/** What went wrong, what was kept, and a button to try again. */
export function ErrorBlank({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation();
  const problem = asProblem(error);
  const kind = problem.code === "offline" ? "offline" : problem.status === 403 ? "forbidden" : problem.status === 404 ? "missing" : "error";
  return (
    <Blank title={t(`blank.${kind}`)} text={kind === "offline" ? t("blank.offline_text") : problemSentence(t, problem)} testId={`blank-${kind}`}>
      {onRetry && kind !== "forbidden" ? <Button onClick={onRetry}>{t("common.retry")}</Button> : null}
      {problem.requestId ? (
        <span className="sw-small sw-quiet sw-num">{t("blank.request", { id: problem.requestId })}</span>
      ) : null}
    </Blank>
  );
}

/** Grey lines where text will be; they appear only when it takes longer than a blink. */
export function Loading({ rows = 8 }: { rows?: number }) {
  const { t } = useTranslation();
  return (
    <div className="sw-loading" role="status" aria-label={t("common.loading")}>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="sw-loading-line" style={{ width: `${92 - ((index * 37) % 40)}%` }} />
      ))}
    </div>
  );
}

/** One sentence above or inside a form. */
export function Sentence({ tone, children }: { tone: "red" | "amber" | "green" | "blue" | "neutral"; children: ReactNode }) {
  return (
    <div className={`sw-sentence sw-sentence-${tone}`} role={tone === "red" || tone === "amber" ? "alert" : "status"}>
      {children}
    </div>
  );
}
