import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { overviewQuery } from "../../api/queries";
import type { CaseRow, Entry } from "../../api/types";
import { buildingQuery } from "../../api/warn";
import { useArea, useCan } from "../../app/session";
import { Blank, ErrorBlank, Loading, Sentence } from "../../shared/Blank";
import { useTimes } from "../../shared/time";
import { FasterTile } from "../flow/FasterTile";
import { Building } from "./Building";
import { Counters } from "./Counters";
import { Feed } from "./Feed";
import { MapPanel } from "./MapPanel";
import { NeedsMe } from "./NeedsMe";
import { useLivePlaces } from "./useLivePlaces";
import "../../map/map.css";
import "./overview.css";

/** The first thing a duty officer sees: what needs me, where it is, what is being done, how much there is. */
export default function Overview() {
  const { t } = useTranslation();
  const { area } = useArea();
  if (!area.code) return <Blank title={t("overview.no_area")} text={t("overview.no_area_text")} testId="overview-no-area" />;
  // Another area is another page: nothing that was pointed at or held carries over.
  return <AreaOverview key={area.code} area={area.code} />;
}

const NO_ROWS: readonly CaseRow[] = [];
const NO_ENTRIES: readonly Entry[] = [];

function AreaOverview({ area }: { area: string }) {
  const { t } = useTranslation();
  const query = useQuery(overviewQuery(area));
  const [selectedId, setSelectedId] = useState<string | null>(null);
  const [hoverId, setHoverId] = useState<string | null>(null);
  useLivePlaces(area);
  const can = useCan();
  const building = useQuery({ ...buildingQuery(area), enabled: can("warning.read") }).data;
  const circles = useMemo(() => (building?.items ?? []).flatMap(({ id, lon, lat, metres }) => (lon === null || lat === null || metres === null ? [] : [{ id, lon, lat, metres }])), [building]);
  const data = query.data;
  const stale = query.isError && !!data;
  const rows = data?.needs_me ?? NO_ROWS;

  return (
    <div className={stale ? "ov ov-with-stale" : "ov"} data-testid="overview">
      <h1 className="sw-hidden">{t("nav.overview")}</h1>
      {stale ? <StaleNote at={query.dataUpdatedAt} onRetry={() => void query.refetch()} /> : null}
      {data ? (
        <NeedsMe rows={rows} selectedId={selectedId} hoverId={hoverId} onHover={setHoverId} />
      ) : (
        <Waiting className="ov-needs" title={t("overview.needs_me")} error={query.error} onRetry={() => void query.refetch()} />
      )}
      <MapPanel
        area={area}
        rows={rows}
        selectedId={selectedId}
        hoverId={hoverId}
        onSelect={setSelectedId}
        onHover={setHoverId}
        circles={circles}
      />
      <div className="ov-right">
        <Building data={building} />
        {data ? (
          <Feed entries={data.feed ?? NO_ENTRIES} onHover={setHoverId} />
        ) : (
          <Waiting className="ov-feed" title={t("overview.feed")} error={query.error} />
        )}
      </div>
      <Counters counters={data?.counters} more={<FasterTile area={area} />} />
    </div>
  );
}

interface WaitingProps {
  className: string;
  title: string;
  error: unknown;
  onRetry?: () => void;
}

/** A panel whose content is on its way, or did not come. Two panels share one question: one of them offers to ask again. */
function Waiting({ className, title, error, onRetry }: WaitingProps) {
  const { t } = useTranslation();
  const failed = error && onRetry ? <ErrorBlank error={error} onRetry={onRetry} /> : null;
  return (
    <section className={`ov-panel ${className} sw-panel`} aria-label={title}>
      <header className="ov-head">
        <h2>{title}</h2>
      </header>
      {failed ?? (error ? <Blank title={t("overview.feed_unknown")} /> : <Loading />)}
    </section>
  );
}

/** Old figures are better than none, as long as they say how old they are. */
function StaleNote({ at, onRetry }: { at: number; onRetry: () => void }) {
  const { t } = useTranslation();
  const times = useTimes();
  return (
    <div className="ov-stale" data-testid="overview-stale">
      <Sentence tone="amber">
        <span>{t("overview.stale", { at: times.time(at) })}</span>
        <button type="button" className="sw-plain sw-link" onClick={onRetry}>
          {t("common.retry")}
        </button>
      </Sentence>
    </div>
  );
}
