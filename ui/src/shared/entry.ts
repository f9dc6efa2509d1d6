import type { TFunction } from "i18next";
import type { Entry } from "../api/types";

/** The last word of an action: "dispatched" of "case.dispatched". */
export function entryVerb(entry: Pick<Entry, "action">): string {
  return entry.action.slice(entry.action.lastIndexOf(".") + 1);
}

/** What was done, in a few words: "dispatched to Greening team", "check failed, sent back". */
export function entryWords(t: TFunction, entry: Entry, unitName?: (code: string) => string | undefined): string {
  const { data } = entry;
  const room = entry.action.slice(0, entry.action.indexOf("."));
  const verb = entryVerb(entry);
  if (verb === "dispatched") {
    const code = data["unit"];
    const unit = data["unit_name"] ?? (typeof code === "string" ? unitName?.(code) : undefined);
    return unit ? t("entry.case.dispatched_to", { unit }) : t("entry.case.dispatched");
  }
  const kind = room === "case" && verb === "corrected" ? ["category", "place", "settled"].find((one) => one in data) : verb === "set_aside" ? data["what"] : undefined;
  if (typeof kind === "string") return t(`entry.${room}.${verb}_${kind}`, { defaultValue: t(`entry.${room}.${verb}`) });
  const count = typeof data["signals"] === "number" ? data["signals"] : undefined;
  return t(`entry.${room}.${verb}`, { ...data, count, defaultValue: entry.action });
}

/** Who did it: name and unit, or the system. */
export function entryActor(t: TFunction, entry: Entry): string {
  if (!entry.actor) return t("common.system");
  return entry.actor.unit_name ? `${entry.actor.name} · ${entry.actor.unit_name}` : entry.actor.name;
}
