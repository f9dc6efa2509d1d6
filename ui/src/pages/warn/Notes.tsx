import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { WarnNotes } from "../../api/types";
import { notesQuery } from "../../api/warn";
import { useArea } from "../../app/session";
import { Blank, ErrorBlank, Loading } from "../../shared/Blank";
import { Head } from "./Head";
import { useDays } from "./words";

/** What the night found out about the data itself: why some of it does not count as it stands. */
export default function Notes() {
  const { t } = useTranslation();
  const { area } = useArea();
  const query = useQuery(notesQuery(area.code));
  return (
    <div className="cs" data-testid="notes-page">
      <h1 className="sw-hidden">{t("warn.notes")}</h1>
      <Head night={query.data?.night} />
      {query.isPending ? <Loading rows={6} />
        : query.isError ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />
        : query.data.items.length === 0 ? <Blank title={t("warn.notes_none")} text={t("warn.notes_none_text")} testId="notes-empty" />
        : (
          <ul className="wa-list" aria-label={t("warn.notes")}>
            {/* a night's notes never change their order, and have no name of their own */}
            {query.data.items.map((one, index) => <li key={index} className="wa-note" data-testid="note"><Line one={one} /></li>)}
          </ul>
        )}
    </div>
  );
}

function Line({ one }: { one: WarnNotes["items"][number] }) {
  const { t } = useTranslation();
  const between = useDays();
  const days = between(one.first_day, one.last_day);
  const where = one.lat === null || one.lon === null ? "" : t("warn.at", { lat: one.lat.toFixed(5), lon: one.lon.toFixed(5) });
  // of a gap the sentence says how many days it was
  const about = [days, one.category?.name, one.count > 0 && one.kind !== "gap" ? t("warn.count", { n: one.count }) : "", where].filter(Boolean).join(" · ");
  return (
    <>
      <b>{t(`warn.note.${one.kind}`, { defaultValue: one.kind })}</b>
      <span className="sw-num sw-quiet">{about}</span>
      {one.says ? <span data-testid="note-text">{t(`warn.note_text.${one.says}`, { defaultValue: "", ...one.numbers, percent: Math.round((one.numbers["share"] ?? 0) * 100) })}</span> : null}
    </>
  );
}
