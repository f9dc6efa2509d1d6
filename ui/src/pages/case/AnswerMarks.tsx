import { useTranslation } from "react-i18next";
import type { TellerVoice } from "../../api/types";

const frame = { width: 14, height: 14, viewBox: "0 0 14 14", "aria-hidden": true, fill: "none", stroke: "currentColor", strokeWidth: 1.4 } as const;

/** The form of an answer: an order, a letter, an organ's seal, a telephone, a message, nobody. */
export function WayIcon({ form }: { form: TellerVoice["form"] }) {
  if (form === "order") return <svg {...frame}><path d="M3 1.500h5.500L11 4v8.500H3zM5 6.500h4M5 9h4" /></svg>;
  if (form === "letter") return <svg {...frame}><path d="M1.500 3h11v8h-11zM1.500 3.500 7 7.500l5.500-4" /></svg>;
  if (form === "referral") return <svg {...frame}><path d="M1.500 5.500 7 2l5.500 3.500zM3 5.500v5M7 5.500v5M11 5.500v5M1.500 12h11" /></svg>;
  if (form === "call") return <svg {...frame}><path d="M2.500 2h2.300l1 2.800-1.400 1a6.500 6.500 0 0 0 3.300 3.300l1-1.400 2.800 1v2.300a.8.8 0 0 1-.8.800A9.300 9.300 0 0 1 1.800 2.800c0-.5.300-.8.700-.8z" /></svg>;
  if (form === "message") return <svg {...frame}><path d="M1.500 2.500h11v7.500h-6L3.500 12.500V10h-2z" /></svg>;
  return <svg {...frame}><path d="M3 7h8" /></svg>;
}

const tones: Record<TellerVoice["state"], string> = { none: "sw-blue", draft: "sw-blue", interim: "", given: "sw-green", upstream: "sw-green" };

/** How far an answer is: glyph, word, colour. */
export function VoiceMark({ state }: { state: TellerVoice["state"] }) {
  const { t } = useTranslation();
  return (
    <span className={`sw-mark ${tones[state]}`} data-testid="answer-state">
      {state === "given" || state === "upstream" ? <svg {...frame} strokeWidth="1.6"><path d="M2.4 7.400 5.600 10.600 11.800 3.800" /></svg>
        : state === "interim" ? <svg {...frame}><circle cx="7" cy="7" r="5.500" /><path d="M7 4v3.200l2.200 1.400" /></svg>
        : <svg {...frame}><circle cx="7" cy="7" r="5.500" strokeDasharray="2.2 1.9" /></svg>}
      {t(`answers.state.${state}`)}
    </span>
  );
}
