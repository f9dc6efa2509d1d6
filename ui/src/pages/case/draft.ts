import { useMemo, useState } from "react";
import type { ActionBody, ActionOffer } from "../../api/types";
import type { Draft } from "./PhotoPick";

/** What the viewer has written so far; it outlives conflicts, and serves whichever form is open. */
export interface DraftValue { unit: string | undefined; note: string; photos: Draft[] }

export interface DraftStore {
  value: DraftValue;
  set: (change: Partial<DraftValue>) => void;
  setPhotos: (change: (before: Draft[]) => Draft[]) => void;
  clear: () => void;
  isEmpty: boolean;
}

const blank: DraftValue = { unit: undefined, note: "", photos: [] };

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

function asksPhotos(offer: ActionOffer): boolean {
  return offer.needs.includes("photos") || offer.takes.includes("photos");
}

/** What is still lacking before this action can be sent. */
export function missing(offer: ActionOffer, draft: DraftValue): string[] {
  const lacks: string[] = [];
  if (offer.needs.includes("unit") && !unitOf(offer, draft)) lacks.push("unit");
  if (offer.needs.includes("note") && !draft.note.trim()) lacks.push("note");
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
  const photos = draft.photos.flatMap(({ id }) => (id ? [id] : []));
  if (photos.length > 0 && asksPhotos(offer)) body.photos = photos;
  if (result) body.result = result;
  return body;
}
