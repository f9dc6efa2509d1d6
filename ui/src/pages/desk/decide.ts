/** What an officer decides at the desk, and how the server is told. */
import { acceptCause, acceptOffer, correctCase, hangCase, mergeCase, refuseCause, refuseOffer, undoCause, unmergeCase, versionOf } from "../../api/desk";
import type { CauseOffer, Correction, DeskItem, Doubt, MergeOffer, PlaceOption, RankedClass } from "../../api/types";

/** The order in which doubts are asked: who is joined to another case need not be asked the rest. */
export const ORDER: readonly Doubt[] = ["merge", "again", "cause", "category", "place"];

export type Decision =
  | { kind: "class"; cls: Pick<RankedClass, "scheme" | "code" | "name">; condition?: string }
  | { kind: "place"; place: Pick<PlaceOption, "code" | "name"> }
  | { kind: "point"; lon: number; lat: number }
  | { kind: "stay"; doubt: Doubt }
  | { kind: "join"; offer: MergeOffer; again: boolean }
  | { kind: "apart"; offer: MergeOffer }
  | { kind: "cause"; cause: CauseOffer; parent: string | null }
  | { kind: "not_cause"; cause: CauseOffer };

/** The doubt that a decision settles. */
export function doubtOf(decision: Decision): Doubt {
  switch (decision.kind) {
    case "class": return "category";
    case "place":
    case "point": return "place";
    case "stay": return decision.doubt;
    case "cause":
    case "not_cause": return "cause";
    default: return decision.offer.kind === "again" ? "again" : "merge";
  }
}

/** Offers that belong to a doubt. */
export function offersOf(offers: readonly MergeOffer[], doubt: Doubt): MergeOffer[] {
  return offers.filter((offer) => (offer.kind === "again") === (doubt === "again"));
}

/** Whether nothing of this case is left to ask. */
export const endsCase = (decision: Decision): boolean => decision.kind === "join" && decision.offer.kind === "same";

function correction(decision: Decision): Correction | null {
  switch (decision.kind) {
    case "class": return { category: `${decision.cls.scheme}:${decision.cls.code}`, condition: decision.condition, settled: [] };
    case "place": return { place: decision.place.code, settled: [] };
    case "point": return { lon: decision.lon, lat: decision.lat, settled: [] };
    case "stay": return { settled: [decision.doubt] };
    default: return null;
  }
}

/**
 * Tells the server; the case's version afterwards, null where it has to be asked for.
 * `version` null: some decision before has changed it. `again`: an offer that was refused already
 * is joined by hand.
 */
export async function tell(item: DeskItem, decision: Decision, version: number | null): Promise<number | null> {
  const { id } = item.case;
  const current = async (): Promise<number> => version ?? (await versionOf(id));
  const body = correction(decision);
  if (body) return (await correctCase(id, await current(), body)).version;
  if (decision.kind === "cause") await acceptCause(decision.cause.id, decision.parent);
  else if (decision.kind === "not_cause") await refuseCause(decision.cause.id);
  else if (decision.kind === "apart") await refuseOffer(decision.offer.id);
  else if (decision.kind === "join") {
    if (!decision.again) await acceptOffer(decision.offer.id);
    else if (decision.offer.kind === "cause") await hangCase(id, await current(), decision.offer.other.id);
    else await mergeCase(id, await current(), decision.offer.other.id);
  }
  return null;
}

/** Whether a decision can be taken back at the server; the rest is decided anew, or stays. */
export function takesBack(decision: Decision): "server" | "anew" | null {
  if (decision.kind === "cause" || decision.kind === "not_cause") return "server";
  if (decision.kind === "join") return decision.offer.kind === "again" ? null : "server";
  if (decision.kind === "apart") return decision.offer.kind === "again" ? null : "anew";
  return "anew";
}

/** Undoes a join: the case is open again with its voices, or hangs under no other; or what was said of a cause. */
export async function takeBack(item: DeskItem, decision: Decision): Promise<void> {
  if (decision.kind === "cause" || decision.kind === "not_cause") await undoCause(decision.cause.id);
  if (decision.kind !== "join") return;
  const { id } = item.case;
  const version = await versionOf(id);
  if (decision.offer.kind === "cause") await hangCase(id, version, null);
  else await unmergeCase(id, version);
}
