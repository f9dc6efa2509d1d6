import { useQuery } from "@tanstack/react-query";
import { Suspense, useCallback, useMemo, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { mapCasesQuery, mapQuery } from "../../api/queries";
import type { CaseRow } from "../../api/types";
import { useCan } from "../../app/session";
import { LazyMapView } from "../../map/lazy";
import { ErrorBlank } from "../../shared/Blank";
import { recordPath } from "../directory/params";
import type { Circle, Device, ViewInfo } from "../../map/shapes";
import { LayerSwitch } from "./LayerSwitch";
import { SelectedCase } from "./SelectedCase";
import { type DeviceKind, useDevices } from "./useDevices";

interface Props {
  area: string;
  rows: readonly CaseRow[];
  selectedId: string | null;
  hoverId: string | null;
  circles: readonly Circle[];
  onSelect: (id: string | null) => void;
  onHover: (id: string | null) => void;
}

export function MapPanel({ area, rows, selectedId, hoverId, circles, onSelect, onHover }: Props) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const base = useQuery(mapQuery(area));
  const places = useQuery(mapCasesQuery(area));
  const cases = places.data?.cases;
  const stacked = useStacked();
  const open = useCallback((id: string) => void navigate(`/cases/${id}`), [navigate]);
  const can = useCan();
  const [on, setOn] = useState<readonly DeviceKind[]>([]);
  const { devices, none } = useDevices(area, on);
  const openDevice = useCallback(({ kind, code }: Device) => void navigate(recordPath(kind, code)), [navigate]);
  const layers = (view: ViewInfo | null) => <LayerSwitch on={on} none={none} view={view} onChange={setOn} />;
  const selected = useMemo(() => cases?.find((c) => c.id === selectedId), [cases, selectedId]);
  const failed = (!base.data && base.error) || (!cases && places.error);
  const retry = () => {
    if (!base.data) void base.refetch();
    if (!cases) void places.refetch();
  };

  if (failed) {
    return (
      <section className="ov-panel ov-map sw-panel" aria-label={t("map.label")}>
        <ErrorBlank error={failed} onRetry={retry} />
      </section>
    );
  }
  const dock = selected ? (
    <SelectedCase item={selected} row={rows.find((row) => row.id === selected.id)} onClose={() => onSelect(null)} />
  ) : cases?.length === 0 ? (
    <NoCases />
  ) : null;
  return (
    <section className="ov-panel ov-map sw-panel" aria-label={t("map.label")}>
      <Suspense fallback={<MapWait />}>
        {base.data ? (
          <LazyMapView
            key={stacked ? "stacked" : "wide"}
            base={base.data}
            cases={cases}
            selectedId={selectedId}
            hoverId={hoverId}
            onSelect={onSelect}
            onHover={onHover}
            onOpen={open}
            pageScrolls={stacked}
            devices={devices}
            circles={circles}
            onOpenDevice={openDevice}
            layers={can("directory.read") ? layers : undefined}
            dock={dock}
            label={t("map.label")}
            testId="overview-map"
          />
        ) : (
          <MapWait />
        )}
      </Suspense>
    </section>
  );
}

/** As in overview.css: below this width the panels stand below one another and the page scrolls. */
const STACKED = window.matchMedia("(max-width: 1023px)");

function useStacked(): boolean {
  return useSyncExternalStore(
    (tell) => {
      STACKED.addEventListener("change", tell);
      return () => STACKED.removeEventListener("change", tell);
    },
    () => STACKED.matches,
  );
}

/** The paper without the drawing: the map lays itself on it, nothing jumps. */
function MapWait() {
  const { t } = useTranslation();
  return (
    <div className="sw-map ov-map-wait" role="status">
      <span className="sw-small">{t("map.loading")}</span>
    </div>
  );
}

function NoCases() {
  const { t } = useTranslation();
  const can = useCan();
  return (
    <div className="sw-map-panel sw-map-dock ov-nocases" data-testid="overview-no-cases">
      <b>{t("overview.no_cases")}</b>
      <p>{t("overview.no_cases_text")}</p>
      {can("import.run") ? <Link to="/imports">{t("overview.to_imports")}</Link> : null}
    </div>
  );
}
