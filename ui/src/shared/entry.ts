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
  // of all classes together: there is no name to say
  if (["warning.said", "warning.told_again", "warning.narrowed"].includes(entry.action) && !data["name"]) return t(`entry.${entry.action}_all`, { ...data });
  // found by no camera: the commander sent somebody there
  if (entry.action === "signal.detected" && String(data["source"]).startsWith("device-rounds")) return t("entry.signal.detected_rounds");
  const told = toldOf(t, verb, data);
  if (told) return t(`entry.case.${verb}_${told[0]}`, { [told[0] === "to" ? "units" : told[0]]: told[1], unit: told[1] });
  const kind = room === "case" && verb === "corrected" ? ["category", "place", "settled"].find((one) => one in data) : verb === "set_aside" ? data["what"] : undefined;
  if (typeof kind === "string") return t(`entry.${room}.${verb}_${kind}`, { defaultValue: t(`entry.${room}.${verb}`) });
  const count = typeof data["signals"] === "number" ? data["signals"] : undefined;
  return t(`entry.${room}.${verb}`, { ...data, count, defaultValue: entry.action });
}

/** What the ways back say beside their name: to whom, on what ground, how it ended. */
function toldOf(t: TFunction, verb: string, data: Entry["data"]): [string, string] | null {
  const ground = data["ground"], outcome = data["outcome"], units = data["unit_names"], unit = data["unit_name"];
  const actions: Record<string, string> = { returned: "return", reopened: "reopen", appealed: "appeal" };
  const action = actions[verb];
  if (action && typeof ground === "string") return ["ground", t(`ground.${action}.${ground}`, { defaultValue: ground })];
  if (verb === "closed_otherwise" && typeof outcome === "string") return ["outcome", t(`outcome.${outcome}`, { defaultValue: outcome })];
  const way = data["way"];
  if (verb === "verified" && typeof way === "string" && way !== "site") return ["way", t(`check_way.${way}`, { defaultValue: way })];
  if (verb === "reassigned" && typeof unit === "string") return ["to", unit];
  if ((verb === "whistled" || verb === "released") && Array.isArray(units)) return ["to", units.join(t("back.comma"))];
  return null;
}

/** Who did it: name and unit, or the system. */
export function entryActor(t: TFunction, entry: Entry): string {
  if (!entry.actor) return t("common.system");
  return entry.actor.unit_name ? `${entry.actor.name} · ${entry.actor.unit_name}` : entry.actor.name;
}
