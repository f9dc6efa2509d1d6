import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { caseQuery } from "../../api/queries";
import type { CaseRow, DeskItem, Signal, Understanding } from "../../api/types";
import { useNow } from "../../shared/clock";
import { DueMark } from "../../shared/DueMark";
import { highlighted, type Spoke } from "../../shared/highlight";
import { useTimes } from "../../shared/time";
import { useReasonWords, wordsOf } from "../../shared/Why";
import { marked } from "../case/Marked";
import { Photos } from "../case/Photos";
import "../case/case.css";

/** The words that an engine went by. */
export function spokeOf({ urgent_why, matter }: Pick<Understanding, "urgent_why" | "matter">): Spoke[] {
  return [
    ...wordsOf(urgent_why).map((word): Spoke => ({ word, tone: "danger" })),
    ...wordsOf(matter).map((word): Spoke => ({ word, tone: "why" })),
  ];
}

/** A voice as it was said, with the words that spoke marked. */
export function Said({ signal, spoke = [], heading = null }: { signal: Signal; spoke?: readonly Spoke[]; /** What stands above already. */ heading?: string | null }) {
  const { t } = useTranslation();
  const draw = (text: string) => highlighted(text, spoke, marked);
  return (
    <blockquote className="dk-said">
      {signal.title && signal.title !== signal.text && signal.title !== heading ? <p className="ca-voice-title">{draw(signal.title)}</p> : null}
      {signal.text_withheld ? <p className="sw-quiet">{t("case.withheld")}</p>
        : signal.text ? <p className="ca-voice-text">{draw(signal.text)}</p>
        : signal.title ? <p>{heading === signal.title ? draw(signal.title) : null}</p> : <p className="sw-quiet">{t("case.no_text")}</p>}
    </blockquote>
  );
}

/** Where a voice came from, when, and where it says that it is. */
export function Source({ signal }: { signal: Signal }) {
  const { t } = useTranslation();
  const times = useTimes();
  return (
    <div className="ca-meta sw-small">
      <span className="ca-source">{signal.source.name}{signal.channel ? ` · ${signal.channel}` : ""}</span>
      <time className="sw-num sw-quiet" dateTime={signal.reported_at}>{times.stamp(signal.reported_at)}</time>
      {signal.place_text ? <span>{signal.place_text}</span> : null}
      {signal.lon !== null && !signal.place_text ? <span className="sw-quiet">{t("desk.has_point")}</span> : null}
    </div>
  );
}

/** The message in front: its first voice, and what is known of its case. */
export function Message({ item }: { item: DeskItem }) {
  const { t } = useTranslation();
  const { signal, understanding } = item;
  const row: CaseRow = item.case;
  const now = useNow(30_000);
  const spoke = useMemo(() => spokeOf(understanding), [understanding]);
  return (
    <article className="dk-message" aria-label={t("desk.message")} data-testid="desk-message" data-id={row.id}>
      <h1>{highlighted(row.title, spoke, marked)}</h1>
      <div className="dk-known sw-small">
        <span className="sw-num sw-quiet">{row.number}</span>
        {row.priority === "high" ? <span className="dk-high">{t("cases.high")}</span> : null}
        <DueMark row={row} now={now} />
        <span className="sw-quiet">{row.category?.name ?? t("case.no_category")}</span>
        <span className="sw-quiet">{row.place_text ?? row.grid?.name ?? t("cases.place_unknown")}</span>
        {row.voices > 1 ? <span className="sw-quiet sw-num">{t("case.voices_value", { count: row.voices })}</span> : null}
      </div>
      {signal ? (
        <>
          <Source signal={signal} />
          <Said signal={signal} spoke={spoke} heading={row.title} />
        </>
      ) : <p className="sw-quiet">{t("desk.no_voice")}</p>}
      <Reasons understanding={understanding} />
      {row.photos > 0 ? <Pictures id={row.id} /> : null}
    </article>
  );
}

function Reasons({ understanding }: { understanding: Understanding }) {
  const sentences = useReasons(understanding);
  if (sentences.length === 0) return null;
  return <ul className="dk-reasons sw-small">{sentences.map(([words, danger]) => <li key={words} className={danger ? "sw-red" : "sw-quiet"}>{words}</li>)}</ul>;
}

function Pictures({ id }: { id: string }) {
  const times = useTimes();
  const photos = useQuery(caseQuery(id)).data?.photo_list ?? [];
  return photos.length > 0 ? <Photos photos={photos} times={times} /> : null;
}

/** What makes it urgent, and what lies heavy in it, as sentences. */
function useReasons({ urgent_why, matter }: Understanding): [string, boolean][] {
  const reasons = useReasonWords();
  return [...reasons(urgent_why).map((words): [string, boolean] => [words, true]), ...reasons(matter).map((words): [string, boolean] => [words, false])];
}
