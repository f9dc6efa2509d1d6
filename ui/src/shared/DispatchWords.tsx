import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import type { Step, UnitOffer } from "../api/types";

/** Why a unit is suggested: the line of the matrix, and what has happened. */
export function becauseWords(t: TFunction, { code, params }: Step): string {
  if (code === "history") {
    const against = Number(params["against"] ?? 0);
    const words = t(`dispatching.because.history_${String(params["level"])}`, params);
    return against > 0 ? words + t("dispatching.because.against", { count: against }) : words;
  }
  return t(`dispatching.because.${code === "matrix" && !params["note"] ? "matrix_plain" : code}`, params);
}

/** Why nobody is preselected. */
export function askWords(t: TFunction, { code, params }: Step): string {
  if (code === "doubted") return t(`dispatching.ask.doubted_${String(params["what"])}`);
  const names = params["unit_names"];
  // `came_back`, `border` and the rest name one unit, `tied` several
  return t(`dispatching.ask.${code}`, { ...params, units: Array.isArray(names) ? names.join(t("back.comma")) : "" });
}

export function loadWords(t: TFunction, { open, overdue }: { open?: number | null; overdue?: number | null }): string {
  if (open === null || open === undefined) return "";
  return t(overdue ? "dispatching.load_overdue" : "dispatching.load", { open, overdue });
}

/** What a unit holds now; its overdue ones stand out. */
export function LoadMark({ unit }: { unit: Pick<UnitOffer, "open" | "overdue"> }) {
  const { t } = useTranslation();
  const words = loadWords(t, unit);
  return words ? <span className={`sw-small sw-num ${unit.overdue ? "sw-amber" : "sw-quiet"}`} data-testid="unit-load">{words}</span> : null;
}

export const percent = (share: number): number => Math.round(share * 100);
