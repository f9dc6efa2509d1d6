import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import type { Why } from "../api/types";

/** Steps of an explanation as sentences. `stamp` writes the times in them. */
export function whySentences(t: TFunction, group: string, why: Why | Why[] | null | undefined, stamp?: (at: string) => string): string[] {
  if (!why) return [];
  return (Array.isArray(why) ? why : [why]).map((step) => {
    const { code, params } = step;
    const words = params["words"];
    return t(`${group}.${code}`, {
      ...params,
      at: typeof params["at"] === "string" ? stamp?.(params["at"]) : undefined,
      unit: typeof params["unit"] === "string" ? t(`limit_unit.${params["unit"]}`, { defaultValue: params["unit"] }) : undefined,
      words: Array.isArray(words) ? words.map((word) => t("common.quote", { word })).join(t("common.list")) : words,
      defaultValue: code,
    });
  });
}

/** "Why?": opens the explanation in place. */
export function WhyNote({ why, stamp }: { why: Why | Why[] | null; stamp?: (at: string) => string }) {
  const { t } = useTranslation();
  const steps = whySentences(t, "why", why, stamp);
  if (steps.length === 0) return null;
  return (
    <details className="sw-why">
      <summary className="sw-small sw-quiet">{t("common.why")}</summary>
      {steps.length === 1 ? <p className="sw-small sw-quiet">{steps[0]}</p> : (
        <ol className="sw-small sw-quiet">{steps.map((step) => <li key={step}>{step}</li>)}</ol>
      )}
    </details>
  );
}
