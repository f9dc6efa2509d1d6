import { useTranslation } from "react-i18next";
import type { CameraState, Finding, Scene } from "../../api/types";

const tones: Record<CameraState, string> = { off: "sw-neutral", unknown: "sw-neutral", live: "sw-green", down: "sw-red", aim: "sw-amber" };
const glyphs: Record<CameraState, React.ReactElement> = {
  off: <path d="M3 7h8" />,
  unknown: <path d="M3 7h.010M7 7h.010M11 7h.010" strokeLinecap="round" strokeWidth="2" />,
  live: <path d="M3.500 7.200 6 9.700l4.500-5" />,
  down: <path d="m4 4 6 6M10 4l-6 6" />,
  aim: <path d="M7 3v8M3 7h8" />,
};

/** How a camera is: glyph, word, colour. */
export function CameraMark({ state }: { state: CameraState }) {
  const { t } = useTranslation();
  return (
    <span className={`sw-mark ${tones[state]}`} data-state={state}>
      <svg width="14" height="14" viewBox="0 0 14 14" fill="none" stroke="currentColor" strokeWidth="1.600" aria-hidden="true">{glyphs[state]}</svg>
      {t(`discover.state.${state}`)}
    </span>
  );
}

/** Whether what was found is still there, and what was said of it. */
export function FindingMark({ finding }: { finding: Finding }) {
  const { t } = useTranslation();
  const open = finding.cleared_at === null;
  return (
    <span className={`sw-mark ${open ? "sw-amber" : "sw-green"}`} data-testid="finding-state" data-open={open}>
      <svg width="14" height="14" viewBox="0 0 14 14" fill="none" stroke="currentColor" strokeWidth="1.600" aria-hidden="true">
        {open ? <><circle cx="7" cy="7" r="5" /><circle cx="7" cy="7" r="1" /></> : <path d="M3.500 7.200 6 9.700l4.500-5" />}
      </svg>
      {open ? t("discover.is_open") : t(`discover.cleared.${finding.cleared_why}`, { defaultValue: t("discover.cleared.clear") })}
    </span>
  );
}

/** Names of scenes in the viewer's language. */
export function useSceneName(scenes: Scene[]): (code: string) => string {
  const { i18n } = useTranslation();
  return (code) => {
    const scene = scenes.find((one) => one.code === code);
    if (!scene) return code;
    return i18n.language === "en" ? scene.name_en : scene.name;
  };
}

/** Seconds as people say them: one decimal below ten. */
export function useSeconds(): (seconds: number) => string {
  const { t } = useTranslation();
  return (seconds) => t("discover.seconds", { n: seconds < 10 ? seconds.toFixed(1) : Math.round(seconds) });
}
