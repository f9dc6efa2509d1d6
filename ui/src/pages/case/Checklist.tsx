import { useTranslation } from "react-i18next";
import type { AnswerCheck } from "../../api/types";

const AROUND = 10;
const frame = { width: 14, height: 14, viewBox: "0 0 14 14", "aria-hidden": true, fill: "none", stroke: "currentColor", strokeWidth: 1.6 } as const;

interface Props { text: string; check: AnswerCheck; onSelect: (start: number, end: number) => void }

/** Complete, explained, relevant; and what keeps the words from going, each where it stands. */
export function Checklist({ text, check, onSelect }: Props) {
  const { t } = useTranslation();
  return (
    <div className="an-check" aria-live="polite" data-testid="answer-check">
      <ul className="an-marks">
        {check.marks.map((one) => (
          <li key={one.mark} data-testid="answer-mark" data-mark={one.mark} data-met={one.met} className={one.met ? "sw-green" : "sw-quiet"}>
            <span className="sw-mark">
              {one.met ? <svg {...frame}><path d="M2.400 7.400 5.600 10.600 11.800 3.800" /></svg> : <svg {...frame} strokeWidth="1.400"><circle cx="7" cy="7" r="5" /></svg>}
              {t(`answers.mark.${one.mark}`)}
              <span className="sw-hidden">{t(one.met ? "answers.met" : "answers.not_met")}</span>
            </span>
            {one.hints.map(({ code, params }) => (
              <span key={code} className={`an-hint sw-small ${one.met ? "sw-quiet" : "sw-amber"}`}>{t(`answers.hint.${code}`, { ...params, defaultValue: code })}</span>
            ))}
          </li>
        ))}
      </ul>
      {check.blocked.length > 0 ? (
        <ul className="an-blocked" role="alert">
          {check.blocked.map((one) => (
            <li key={one.start}>
              <button type="button" className="sw-plain" data-testid="answer-blocked" onClick={() => onSelect(one.start, one.end)}>
                <span className="sw-quiet">{text.slice(Math.max(0, one.start - AROUND), one.start)}</span>
                <mark>{text.slice(one.start, one.end)}</mark>
                <span className="sw-quiet">{text.slice(one.end, one.end + AROUND)}</span>
                <span className="sw-small sw-red"> {t("answers.blocked", { kind: t(`mask.${one.kind}`, { defaultValue: one.kind }) })}</span>
              </button>
            </li>
          ))}
        </ul>
      ) : null}
      {check.unfinished > 0 ? <p className="sw-small sw-amber" role="alert" data-testid="answer-unfinished">{t("answers.unfinished", { count: check.unfinished })}</p> : null}
    </div>
  );
}
