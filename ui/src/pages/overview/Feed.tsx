import { memo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Entry } from "../../api/types";
import { Blank } from "../../shared/Blank";
import { useNow } from "../../shared/clock";
import { entryWords } from "../../shared/entry";
import { useTimes, type Times } from "../../shared/time";
import { useUnitName } from "../../shared/units";
import { newerThan } from "./feed";
import { useHeld } from "./useHeld";
import { useHold } from "./useHold";

interface Props {
  entries: readonly Entry[];
  onHover: (id: string | null) => void;
}

const MINUTE = 60_000;

type UnitName = (code: string) => string | undefined;

/** What has just been done, newest first. While the pointer is on it nothing moves; what is new waits and is counted. */
export function Feed({ entries, onHover }: Props) {
  const { t } = useTranslation();
  const times = useTimes();
  const now = useNow(MINUTE);
  const hold = useHold();
  const { shown, release } = useHeld(entries, hold.held);
  const unitName = useUnitName();
  const waiting = newerThan(entries, shown);
  // What was there when the panel opened does not fade in.
  const [firstTop] = useState(() => entries[0]?.seq ?? 0);

  return (
    <section className="ov-panel ov-feed sw-panel" aria-label={t("overview.feed")}>
      <header className="ov-head">
        <h2>{t("overview.feed")}</h2>
        {waiting > 0 ? (
          <button type="button" className="ov-more" data-testid="feed-waiting" onClick={release}>
            {t("overview.feed_waiting", { count: waiting })}
          </button>
        ) : null}
      </header>
      {shown.length === 0 ? (
        <Blank title={t("overview.feed_none")} text={t("overview.feed_none_text")} />
      ) : (
        <ol className="ov-list" {...hold.handlers}>
          {shown.map((entry) => (
            <FeedEntry key={entry.seq} entry={entry} times={times} now={now} unitName={unitName} fresh={entry.seq > firstTop} onHover={onHover} />
          ))}
        </ol>
      )}
    </section>
  );
}

interface EntryProps {
  entry: Entry;
  times: Times;
  now: number;
  unitName: UnitName;
  fresh: boolean;
  onHover: (id: string | null) => void;
}

const FeedEntry = memo(function FeedEntry({ entry, times, now, unitName, fresh, onHover }: EntryProps) {
  const { subject } = entry;
  const id = subject?.kind === "case" ? subject.id : null;
  const warning = subject?.kind === "warning" ? subject.id : null;
  const content = <EntryText entry={entry} when={times.short(entry.at, now)} unitName={unitName} />;
  return (
    <li data-testid="feed-entry" data-seq={entry.seq} className={fresh ? "ov-fresh" : undefined}>
      {warning ? (
        <Link className="ov-entry" to={`/warnings/${warning}`}>{content}</Link>
      ) : id ? (
        <Link
          className="ov-entry"
          to={`/cases/${id}`}
          onMouseEnter={() => onHover(id)}
          onMouseLeave={() => onHover(null)}
          onFocus={() => onHover(id)}
          onBlur={() => onHover(null)}
        >
          {content}
        </Link>
      ) : (
        <div className="ov-entry">{content}</div>
      )}
    </li>
  );
});

function EntryText({ entry, when, unitName }: { entry: Entry; when: string; unitName: UnitName }) {
  const { t } = useTranslation();
  const { actor, subject } = entry;
  const who = !actor
    ? t("common.system")
    : actor.unit_name
      ? t("overview.actor", { name: actor.name, unit: actor.unit_name })
      : actor.name;
  const title = subject?.title ?? subject?.number ?? "";
  return (
    <>
      <time className="sw-small sw-quiet sw-num" dateTime={entry.at}>
        {when}
      </time>
      <span className="ov-entry-what sw-cut">
        <b>{entryWords(t, entry, unitName)}</b>
        {title ? ` · ${title}` : ""}
      </span>
      <span className="ov-entry-who sw-small sw-quiet sw-cut">{who}</span>
    </>
  );
}
