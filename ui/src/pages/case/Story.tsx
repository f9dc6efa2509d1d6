import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { CaseView, Entry, Signal } from "../../api/types";
import { entryActor, entryVerb, entryWords } from "../../shared/entry";
import { isState, StateGlyph } from "../../shared/StateMark";
import { useUnitName } from "../../shared/units";
import type { Times } from "../../shared/time";
import { Evidence } from "./Evidence";
import { Photos } from "./Photos";
import { Marked } from "./Marked";
import { Voice } from "./Voice";

type Item = { at: string; order: number; signal: Signal } | { at: string; order: number; entry: Entry };

/** A case may have thousands of voices: of a long story, the middle is folded. */
const LONG = 80;
const BEGINNING = 10;
const END = 30;

/** Signals and actions in one line of time, oldest first. */
function inOrder(view: CaseView): Item[] {
  const items: Item[] = [
    ...view.signals.map((signal) => ({ at: signal.reported_at, order: 0, signal })),
    ...view.timeline.map((entry) => ({ at: entry.at, order: entry.seq, entry })),
  ];
  return items.sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || a.order - b.order);
}

export function Story({ view, times }: { view: CaseView; times: Times }) {
  const { t } = useTranslation();
  const items = useMemo(() => inOrder(view), [view]);
  const told = useMemo(() => new Set(view.timeline.flatMap((entry) => entry.photos.map(({ id }) => id))), [view]);
  const [all, setAll] = useState(false);
  const hidden = all || items.length <= LONG ? 0 : items.length - BEGINNING - END;
  const beginning = hidden > 0 ? items.slice(0, BEGINNING) : items;
  const end = hidden > 0 ? items.slice(-END) : [];
  const draw = (item: Item) =>
    "signal" in item ? (
      <Voice key={item.signal.id} signal={item.signal} times={times} />
    ) : (
      <Deed key={item.entry.seq} entry={item.entry} times={times} />
    );
  const loose = view.photo_list.filter(({ id }) => !told.has(id));
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, and may hold nothing else to focus
    <section className="ca-story" aria-label={t("case.story")} tabIndex={0}>
      <Evidence view={view} times={times} />
      {loose.length > 0 ? <Photos photos={loose} times={times} /> : null}
      <ol className="ca-line">
        {beginning.map(draw)}
        {hidden > 0 ? (
          <li className="ca-item">
            <button type="button" className="sw-plain sw-link sw-quiet" onClick={() => setAll(true)}>{t("case.unfold", { count: hidden })}</button>
          </li>
        ) : null}
        {end.map(draw)}
      </ol>
    </section>
  );
}

function Deed({ entry, times }: { entry: Entry; times: Times }) {
  const { t } = useTranslation();
  const verb = entryVerb(entry);
  const failed = verb === "sent_back";
  const unitName = useUnitName();
  // the glyph of the state that it led to
  const to = entry.data["to"];
  const state = typeof to === "string" && verb !== "opened" ? to : null;
  return (
    <li className="ca-item ca-deed" data-testid="timeline-entry" data-kind={verb}>
      <span className={`ca-dot ${failed ? "sw-amber" : state === "closed" ? "sw-green" : "sw-quiet"}`} aria-hidden="true">
        {isState(state) ? <StateGlyph state={state} /> : <svg width="14" height="14" viewBox="0 0 14 14"><circle cx="7" cy="7" r="2.5" fill="currentColor" /></svg>}
      </span>
      <div className="ca-deed-head">
        <span className={failed ? "sw-amber" : "ca-verb"}>{entryWords(t, entry, unitName)}</span>
        <span className="sw-small sw-quiet">{entryActor(t, entry)}</span>
        {entry.drill ? <span className="sw-small sw-quiet">{t("case.drill")}</span> : null}
        <time className="sw-small sw-quiet sw-num" dateTime={entry.at}>{times.stamp(entry.at)}</time>
      </div>
      {entry.note ? <p className="ca-note"><Marked text={entry.note.text} item={String(entry.data["note"])} place="note" /></p> : null}
      {entry.photos.length > 0 ? <Photos photos={entry.photos} times={times} /> : null}
    </li>
  );
}
