import type { TFunction } from "i18next";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import type { Why } from "../api/types";
import { span } from "./time";

const HOUR_MS = 3_600_000;

const stepsOf = (why: Why | Why[] | null | undefined): Why[] => (!why ? [] : Array.isArray(why) ? why : [why]);
const listOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : typeof value === "string" && value ? [value] : []);

/** The words of the text that a step went by. */
export function wordsOf(why: Why | Why[] | null | undefined): string[] {
  return stepsOf(why).flatMap(({ params }) => listOf(params["words"]));
}

/** Another sentence for a step that names no words or number, or that knows the distance besides. */
function variantOf(params: Why["params"]): string {
  if ("words" in params && listOf(params["words"]).length === 0) return "_bare";
  if ("amount" in params && typeof params["amount"] !== "number") return "_bare";
  return typeof params["metres"] === "number" && params["metres"] > 0 ? "_metres" : "";
}

/** Steps of an explanation as sentences. `stamp` writes the times in them. */
export function whySentences(t: TFunction, group: string, why: Why | Why[] | null | undefined, stamp?: (at: string) => string): string[] {
  const joined = (value: unknown): string => listOf(value).join(t("common.list"));
  const quoted = (value: unknown): string => listOf(value).map((word) => t("common.quote", { word })).join(t("common.list"));
  return stepsOf(why).map(({ code, params }) => {
    const { hours, kind, amount } = params;
    const words = {
      ...params,
      at: typeof params["at"] === "string" ? stamp?.(params["at"]) : undefined,
      unit: typeof params["unit"] === "string" ? t(`limit_unit.${params["unit"]}`, { defaultValue: params["unit"] }) : undefined,
      words: "words" in params ? quoted(params["words"]) : undefined,
      span: typeof hours === "number" ? span(t, hours * HOUR_MS) : undefined,
      mark: typeof kind === "string" ? t(`mark_kind.${kind}`, { defaultValue: kind }) : undefined,
      values: joined(params["values"]), new: joined(params["new"]), old: joined(params["old"]),
      likeness: typeof params["likeness"] === "number" ? params["likeness"].toFixed(2) : undefined,
      // "at least so many", where the words gave a number
      count: typeof amount === "number" ? amount : params["count"],
    };
    const known = t(`${group}.${code}${variantOf(params)}`, { ...words, defaultValue: t(`${group}.${code}`, { ...words, defaultValue: "" }) });
    // a reason that this screen has no sentence for is still a reason
    return known || t(words.words ? "common.why_words" : "common.why_code", { code: code.replaceAll("_", " "), words: words.words });
  });
}

/** Makes sentences of reasons. */
export function useReasonWords(): (why: Why | Why[] | null | undefined) => string[] {
  const { t } = useTranslation();
  return useCallback((why) => whySentences(t, "why", why), [t]);
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
