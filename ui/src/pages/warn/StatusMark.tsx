import { useTranslation } from "react-i18next";
import type { WarningRow } from "../../api/types";

const SHAPE: Record<WarningRow["status"], string> = { new: "M7 1.500v7M7 11.500v.200", ongoing: "M1.500 10 6 5.500l2.500 2L12.500 3", over: "m2 7.500 3.500 3.500 6.500-8" };
/** Back in time. */
const BACK = "M2.500 5A5 5 0 1 1 2 8M2.300 1.800V5h3.200M7 4.500V7l1.800 1.200";

/** New, told again, going on, or over: a word, a shape, and a colour. What was worked out afterwards says so. */
export function StatusMark({ one }: { one: Pick<WarningRow, "status" | "hindsight" | "told_again"> }) {
  const { t } = useTranslation();
  const again = one.status === "ongoing" && one.told_again;
  const word = one.hindsight ? "hindsight" : again ? "told_again" : `status.${one.status}`;
  return (
    <span className="wa-status" data-status={one.status} data-hindsight={one.hindsight || undefined}>
      <svg width="14" height="14" viewBox="0 0 14 14" fill="none" stroke="currentColor" strokeWidth="1.800" strokeLinecap="round" aria-hidden="true"><path d={one.hindsight ? BACK : SHAPE[again ? "new" : one.status]} /></svg>
      {t(`warn.${word}`)}
    </span>
  );
}
