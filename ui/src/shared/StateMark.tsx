import { memo, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import type { CaseState } from "../api/types";

const ring = <circle cx="7" cy="7" r="5.5" fill="none" stroke="currentColor" strokeWidth="1.4" />;

function pie(share: number): ReactElement {
  const length = 2 * Math.PI * 2;
  return (
    <>
      {ring}
      <circle
        cx="7" cy="7" r="2" fill="none" stroke="currentColor" strokeWidth="4"
        strokeDasharray={`${length * share} ${length}`} transform="rotate(-90 7 7)"
      />
    </>
  );
}

/** The further round the loop, the fuller the disc. */
const glyphs: Record<CaseState, ReactElement> = {
  received: <circle cx="7" cy="7" r="5.5" fill="none" stroke="currentColor" strokeWidth="1.4" strokeDasharray="2.2 1.9" />,
  accepted: ring,
  dispatched: pie(0.25),
  handling: pie(0.5),
  suspended: (
    <>
      {ring}
      <path d="M5.4 4.6v4.8M8.6 4.6v4.8" fill="none" stroke="currentColor" strokeWidth="1.6" />
    </>
  ),
  reported: pie(0.75),
  verified: pie(1),
  closed: (
    <>
      <circle cx="7" cy="7" r="6.2" fill="currentColor" />
      <path d="M4 7.2 6.2 9.4 10.2 4.9" fill="none" stroke="var(--sw-panel)" strokeWidth="1.6" />
    </>
  ),
};

const tones: Record<CaseState, string> = {
  received: "sw-blue", accepted: "", dispatched: "", handling: "", suspended: "", reported: "", verified: "", closed: "sw-green",
};

export function isState(state: string | null | undefined): state is CaseState {
  return typeof state === "string" && state in glyphs;
}

export const StateGlyph = memo(function StateGlyph({ state, size = 14 }: { state: CaseState; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 14 14" aria-hidden="true">
      {glyphs[state]}
    </svg>
  );
});

/** State of a case: glyph, word, colour. */
export const StateMark = memo(function StateMark({ state, testId }: { state: CaseState; testId?: string }) {
  const { t } = useTranslation();
  if (!isState(state)) return <span>{state}</span>;
  return (
    <span className={`sw-mark ${tones[state]}`} data-testid={testId} data-state={state}>
      <StateGlyph state={state} />
      {t(`state.${state}`)}
    </span>
  );
});
