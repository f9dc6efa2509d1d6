import type { TFunction } from "i18next";
import type { SpeedRatio } from "../../api/flow";

/** Hours as people say them: minutes, hours, days. */
export function duration(t: TFunction, hours: number | null | undefined): string {
  if (hours === null || hours === undefined) return t("flow.nothing");
  if (hours < 1) return t("flow.minutes", { n: Math.round(hours * 60) });
  return hours < 48 ? t("flow.hours", { n: hours.toFixed(1) }) : t("flow.days", { n: (hours / 24).toFixed(1) });
}

const percent = (share: number): string => `${Math.abs(share * 100).toFixed(0)}`;

/** How a ratio reads: quicker, slower, or no difference to be seen, with its interval. */
export function ratioSentence(t: TFunction, found: SpeedRatio | null): string {
  if (!found) return t("speed.too_few");
  const { ratio, low, high } = found;
  if (high !== null && high < 1) return t("speed.quicker", { n: percent(1 - ratio), from: percent(1 - high), to: percent(1 - low) });
  if (low > 1) return t("speed.slower", { n: percent(ratio - 1), from: percent(low - 1), to: high === null ? "∞" : percent(high - 1) });
  return t("speed.same", { low: low.toFixed(2), high: high === null ? "∞" : high.toFixed(2) });
}
