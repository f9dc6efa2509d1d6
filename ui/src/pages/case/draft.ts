import { useMemo, useState } from "react";
import type { ActionBody, ActionOffer } from "../../api/types";
import type { Draft } from "./PhotoPick";

/** What the viewer has written so far; it outlives conflicts, and serves whichever form is open. */
export interface DraftValue {
  unit: string | undefined; note: string; photos: Draft[];
  /** Codes of units to call or to release; a day and time as the field has it; codes chosen; a name. */
  units: string[]; until: string; outcome: string | undefined; ground: string | undefined; body: string;
  /** Of a check: how it was made, what of the conditions for closing is met, and whether that is too little. */
  way: Way; met: string[]; short: boolean;
}

export type Way = "site" | "call_back" | "record";

export interface DraftStore {
  value: DraftValue;
  set: (change: Partial<DraftValue>) => void;
  setPhotos: (change: (before: Draft[]) => Draft[]) => void;
  clear: () => void;
  isEmpty: boolean;
}

const blank: DraftValue = { unit: undefined, note: "", photos: [], units: [], until: "", outcome: undefined, ground: undefined, body: "", way: "site", met: [], short: false };

/** By case: leaving the page, or a session that ends, loses nothing that was typed. */
const kept = new Map<string, DraftValue>();

export function useDraft(caseId: string): DraftStore {
  const [value, setValue] = useState(() => kept.get(caseId) ?? blank);
  return useMemo(() => {
    const change = (next: (before: DraftValue) => DraftValue): void =>
      setValue((before) => {
        const after = next(before);
        kept.set(caseId, after);
        return after;
      });
    return {
      value,
      set: (part) => change((before) => ({ ...before, ...part })),
      setPhotos: (photos) => change((before) => ({ ...before, photos: photos(before.photos) })),
      clear: () => change(() => blank),
      isEmpty: value.note.trim() === "" && value.photos.length === 0,
    };
  }, [value, caseId]);
}

/** "verify_pass", "dispatch": the name of a form, in words and tests. */
export function offerKey(action: string, result: "pass" | "fail" | null): string {
  return result ? `${action}_${result}` : action;
}

function unitOf(offer: ActionOffer, draft: DraftValue): string | undefined {
  return offer.units.some(({ code }) => code === draft.unit) ? draft.unit : offer.units.find((unit) => unit.suggested)?.code;
}

/** What was chosen, where this action offers it; else the likely one. */
export function groundOf(offer: ActionOffer, draft: DraftValue): string | undefined {
  return draft.ground && offer.grounds.includes(draft.ground) ? draft.ground : (offer.ground ?? undefined);
}

export function outcomeOf(offer: ActionOffer, draft: DraftValue): ActionOffer["outcomes"][number] | undefined {
  return offer.outcomes.find(({ code }) => code === draft.outcome);
}

export function unitsOf(offer: ActionOffer, draft: DraftValue): string[] {
  return draft.units.filter((code) => offer.units.some((unit) => unit.code === code));
}

function asksPhotos(offer: ActionOffer): boolean {
  return offer.needs.includes("photos") || offer.takes.includes("photos");
}

/** What is still lacking before this action can be sent. */
export function missing(offer: ActionOffer, draft: DraftValue, result: "pass" | "fail" | null = null): string[] {
  const lacks: string[] = [];
  if (result === "pass" && offer.takes.includes("met") && draft.short) lacks.push("met");
  if (offer.needs.includes("unit") && !unitOf(offer, draft)) lacks.push("unit");
  if (offer.needs.includes("note") && !draft.note.trim()) lacks.push("note");
  if (offer.needs.includes("ground") && !groundOf(offer, draft)) lacks.push("ground");
  if (offer.needs.includes("outcome") && !outcomeOf(offer, draft)) lacks.push("outcome");
  if ((offer.needs.includes("body") || outcomeOf(offer, draft)?.body) && !draft.body.trim()) lacks.push("body");
  if (offer.needs.includes("units") && unitsOf(offer, draft).length === 0) lacks.push("units");
  if (offer.needs.includes("until") && !draft.until) lacks.push("until");
  const photos = draft.photos.filter(({ problem }) => !problem);
  if (offer.needs.includes("photos") && photos.length === 0) lacks.push("photos");
  if (asksPhotos(offer) && photos.some(({ id }) => id === null)) lacks.push("upload");
  return lacks;
}

export function bodyOf(offer: ActionOffer, result: "pass" | "fail" | null, draft: DraftValue): ActionBody {
  const asks = (what: string): boolean => offer.needs.includes(what) || offer.takes.includes(what);
  const body: ActionBody = {};
  if (asks("unit")) body.unit = unitOf(offer, draft);
  if (asks("note") && draft.note.trim()) body.note = draft.note.trim();
  if (asks("ground")) body.ground = groundOf(offer, draft);
  if (asks("outcome")) body.outcome = draft.outcome;
  // Who is right instead is only said where the way it ends asks for it.
  const asksBody = asks("outcome") ? Boolean(outcomeOf(offer, draft)?.body) : asks("body");
  if (asksBody && draft.body.trim()) body.body = draft.body.trim();
  if (asks("units")) body.units = unitsOf(offer, draft);
  if (asks("until") && draft.until) body.until = new Date(draft.until).toISOString();
  const photos = draft.photos.flatMap(({ id }) => (id ? [id] : []));
  if (photos.length > 0 && asksPhotos(offer)) body.photos = photos;
  if (result) body.result = result;
  if (asks("way")) body.way = result === "fail" && draft.way === "record" ? "site" : draft.way;
  if (asks("met") && result === "pass" && draft.way === "site" && draft.met.length > 0) body.met = draft.met;
  return body;
}
