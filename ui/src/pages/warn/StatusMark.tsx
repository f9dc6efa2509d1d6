import { useTranslation } from "react-i18next";
import type { WarningRow } from "../../api/types";

const SHAPE: Record<WarningRow["status"], string> = { new: "M7 1.500v7M7 11.500v.200", ongoing: "M1.500 10 6 5.500l2.500 2L12.500 3", over: "m2 7.500 3.500 3.500 6.500-8" };

/** New, going on, or over: a word, a shape, and a colour. What was worked out afterwards says so. */
export function StatusMark({ status, hindsight = false }: { status: WarningRow["status"]; hindsight?: boolean }) {
  const { t } = useTranslation();
  return (
    <span className="wa-status" data-status={status}>
      <svg width="14" height="14" viewBox="0 0 14 14" fill="none" stroke="currentColor" strokeWidth="1.800" strokeLinecap="round" aria-hidden="true"><path d={SHAPE[status]} /></svg>
      {hindsight ? t("warn.hindsight") : t(`warn.status.${status}`)}
    </span>
  );
}
