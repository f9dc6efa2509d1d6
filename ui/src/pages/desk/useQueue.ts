import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { deskKeys, deskQuery } from "../../api/desk";
import { keys } from "../../api/queries";
import type { DeskItem, Doubt } from "../../api/types";
import { useLiveEntries } from "../../live/LiveProvider";
import { doubtOf, endsCase, offersOf, ORDER, takeBack, takesBack, tell, type Decision } from "./decide";

/** So long after a change the desk is asked again; a hundred changes are one question. */
const REFRESH_MS = 2_000;

interface Done { item: DeskItem; decision: Decision }
/** What the desk says above the question: something failed, was undone, or was done by others. */
export type Notice =
  | { kind: "failed"; item: DeskItem; error: unknown }
  | { kind: "undone"; item: DeskItem; cause: boolean }
  | { kind: "anew"; item: DeskItem }
  | { kind: "no_undo" }
  | null;

/** Settled here and not yet known to the server's list: case → doubts and offers. */
interface Mine { doubts: Set<Doubt>; offers: Set<string> }

/** What is still to be asked of an item. */
function remaining(item: DeskItem, mine: Mine | undefined): DeskItem {
  if (!mine) return item;
  const { understanding } = item;
  const offers = understanding.offers.filter((offer) => !mine.offers.has(offer.id));
  const doubts = understanding.doubts.filter((doubt) => !mine.doubts.has(doubt));
  return { ...item, understanding: { ...understanding, offers, doubts } };
}

/** What a decision settles of an item: an offer that is refused leaves the others. */
function leaves(item: DeskItem, decision: Decision): Mine {
  const doubt = doubtOf(decision);
  const offers = new Set("offer" in decision ? [decision.offer.id] : []);
  const left = offersOf(item.understanding.offers, doubt).some((offer) => !offers.has(offer.id));
  return { offers, doubts: new Set(decision.kind === "apart" && left ? [] : [doubt]) };
}

export const nextDoubt = (item: DeskItem): Doubt | undefined => ORDER.find((doubt) => item.understanding.doubts.includes(doubt));

/**
 * The queue of the desk: what waits, which item is in front, and decisions. A decision counts on
 * the screen at once and is told to the server behind, one after the other for each case; what the
 * server refuses comes back to the front with a sentence.
 */
export function useQueue(area: string) {
  const client = useQueryClient();
  const query = useQuery(deskQuery(area));
  const [mine, setMine] = useState<ReadonlyMap<string, Mine>>(new Map());
  const [current, setCurrent] = useState<DeskItem | null>(null);
  const [skipped, setSkipped] = useState<ReadonlySet<string>>(new Set());
  /** Brought back to be decided anew; the server's list no longer has it. */
  const [anew, setAnew] = useState<DeskItem | null>(null);
  /** Decided on here: when one of these is through, nobody else was quicker. */
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [notice, setNotice] = useState<Notice>(null);
  const [done, setDone] = useState<Done[]>([]);
  const [count, setCount] = useState(0);
  const chains = useRef(new Map<string, Promise<number | null>>());
  const running = useRef(0);
  /** Moves on with every decision and every question. */
  const epoch = useRef(0);
  const [pending, setPending] = useState(0);
  const sent = (by: 1 | -1): void => {
    running.current += by;
    epoch.current += 1;
    setPending(running.current);
  };
  const timer = useRef(0);

  const data = query.data;
  const items = useMemo(() => {
    const left = (data?.items ?? []).map((item) => remaining(item, mine.get(item.case.id))).filter((item) => nextDoubt(item));
    const rest = left.filter((item) => item.case.id !== anew?.case.id);
    return anew ? [anew, ...rest] : rest;
  }, [data, mine, anew]);
  // skipped ones come last
  const order = useMemo(() => [...items].sort((a, b) => Number(skipped.has(a.case.id)) - Number(skipped.has(b.case.id))), [items, skipped]);

  const held = current ? order.find((item) => item.case.id === current.case.id) : undefined;
  const gone = current !== null && held === undefined && !touched.has(current.case.id);
  const item = held ?? (gone ? current : order[0]) ?? null;
  // what is looked at stays in front, also when the list is fetched again or others settle it
  if (item !== current) setCurrent(item);

  function refresh(): void {
    window.clearTimeout(timer.current);
    timer.current = 0;
    if (running.current > 0) return; // the last decision under way asks
    const mark = (epoch.current += 1);
    void client.invalidateQueries({ queryKey: deskKeys.all }).then(() => {
      // a list that was asked for after all decisions knows them: what was settled here is forgotten
      if (epoch.current !== mark || client.getQueryState(deskKeys.desk(area))?.status !== "success") return;
      chains.current.clear();
      setMine((before) => (before.size === 0 ? before : new Map()));
    });
  }
  useEffect(() => () => window.clearTimeout(timer.current), []);
  // whoever closes the page is asked to wait for what is under way
  useEffect(() => {
    if (pending === 0) return;
    const wait = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener("beforeunload", wait);
    return () => window.removeEventListener("beforeunload", wait);
  }, [pending]);
  useLiveEntries((entry) => {
    if (!entry || entry.subject.kind === "case" || entry.subject.kind === "signal")
      timer.current ||= window.setTimeout(refresh, REFRESH_MS * (0.5 + Math.random()));
  });

  const settle = (one: DeskItem, decision: Decision, on: boolean): void =>
    setMine((before) => {
      const after = new Map(before);
      const old = after.get(one.case.id);
      const doubts = new Set(old?.doubts);
      const offers = new Set(old?.offers);
      const doubt = doubtOf(decision);
      if ("offer" in decision) {
        if (on) offers.add(decision.offer.id);
        else offers.delete(decision.offer.id);
      }
      const last = offersOf(one.understanding.offers, doubt).every((offer) => offers.has(offer.id));
      const settled = endsCase(decision) ? ORDER : "offer" in decision && !last && decision.kind === "apart" ? [] : [doubt];
      for (const each of settled) if (on) doubts.add(each); else doubts.delete(each);
      if (!on) doubts.delete(doubt);
      after.set(one.case.id, { doubts, offers });
      return after;
    });

  function decide(decision: Decision): void {
    if (!item || gone) return;
    const again = anew?.case.id === item.case.id;
    const chosen: Decision = decision.kind === "join" ? { ...decision, again } : decision;
    setNotice(null);
    settle(item, chosen, true);
    setTouched((before) => new Set(before).add(item.case.id));
    setDone((before) => [...before, { item, decision: chosen }]);
    setCount((before) => before + 1);
    if (again) setAnew(null);
    const asked = held ?? item;
    if (endsCase(chosen) || !nextDoubt(remaining(asked, leaves(asked, chosen)))) setCurrent(null);
    send(item, chosen, again);
  }

  function send(one: DeskItem, decision: Decision, again: boolean): void {
    const { id } = one.case;
    sent(1);
    // the version is known for the first decision on a case; later ones follow what came before,
    // and what is decided anew was changed by the decision that was taken back
    const before = chains.current.get(id) ?? Promise.resolve(again ? null : one.understanding.version);
    const told = before.catch(() => null).then((version) => tell(one, decision, again ? null : version));
    chains.current.set(id, told);
    told.catch((error: unknown) => {
      settle(one, decision, false);
      setDone((all) => all.filter((each) => each.decision !== decision));
      setCount((all) => Math.max(0, all - 1));
      setTouched((all) => new Set([...all].filter((each) => each !== id)));
      setNotice({ kind: "failed", item: one, error });
      setCurrent(one);
    }).finally(() => {
      sent(-1);
      void client.invalidateQueries({ queryKey: keys.case(id) });
      if (running.current === 0) refresh();
    });
  }

  function undo(): void {
    const last = done.at(-1);
    if (!last) return;
    const how = takesBack(last.decision);
    if (how === null) {
      setNotice({ kind: "no_undo" });
      return;
    }
    setDone((all) => all.slice(0, -1));
    setCount((all) => Math.max(0, all - 1));
    const { item: one, decision } = last;
    if (how === "anew") {
      setAnew({ ...one, understanding: { ...one.understanding, doubts: [doubtOf(decision)] } });
      setMine((before) => new Map([...before].filter(([id]) => id !== one.case.id)));
      setCurrent(one);
      setNotice({ kind: "anew", item: one });
      return;
    }
    sent(1);
    const told = (chains.current.get(one.case.id) ?? Promise.resolve(null)).then(() => takeBack(one, decision));
    chains.current.set(one.case.id, told.then(() => null));
    told.then(() => setNotice({ kind: "undone", item: one, cause: doubtOf(decision) === "cause" }), (error: unknown) => setNotice({ kind: "failed", item: one, error })).finally(() => {
      sent(-1);
      if (running.current === 0) refresh();
    });
  }

  function skip(): void {
    setNotice(null);
    if (!item) return;
    setSkipped((before) => new Set(before).add(item.case.id));
    if (anew?.case.id === item.case.id) setAnew(null);
    const at = order.findIndex((one) => one.case.id === item.case.id);
    setCurrent(order.filter((one) => one.case.id !== item.case.id)[Math.max(0, at)] ?? order.find((one) => one.case.id !== item.case.id) ?? null);
  }

  const hidden = (data?.items.length ?? 0) - items.length;
  return {
    query, order, item, gone, notice, pending, done: count, canUndo: done.length > 0,
    left: data ? { value: Math.max(items.length, data.count.value - Math.max(0, hidden)), exact: data.count.exact } : null,
    show: setCurrent, decide, undo, skip, refresh,
  };
}
