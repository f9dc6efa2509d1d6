import { useQuery } from "@tanstack/react-query";
import { Suspense } from "react";
import { useTranslation } from "react-i18next";
import { mapQuery } from "../api/queries";
import { LazyMapView } from "./lazy";
import type { Zone } from "./shapes";
import type { Pin } from "./useStreetMap";
import "./map.css";

interface Props {
  area: string;
  lon: number | null;
  lat: number | null;
  /** A circle of so many metres instead of a mark. */
  metres?: number;
  /** Grids in which something gathers; without a place the whole street is shown with them. */
  zones?: readonly Zone[];
  height?: number;
}

/** Where one case is, or what part of the street something is said of: a small map for its page. */
export default function PlaceMap({ area, lon, lat, metres, zones, height = 200 }: Props) {
  const pin = lon !== null && lat !== null ? { lon, lat, metres } : undefined;
  const known = pin !== undefined || !!zones?.length;
  return (
    <div className="sw-place" style={{ height }} data-testid="place-map" data-known={known}>
      {known ? <KnownPlace area={area} pin={pin} zones={zones} /> : <UnknownPlace />}
    </div>
  );
}

const NO_CASES: readonly never[] = [];

function KnownPlace({ area, pin, zones }: { area: string; pin?: Pin; zones?: readonly Zone[] }) {
  const { t } = useTranslation();
  const base = useQuery(mapQuery(area));
  if (base.isError) {
    return <PlaceNote title={t("map.failed")} text={pin ? t("map.coordinates", { lat: pin.lat.toFixed(5), lon: pin.lon.toFixed(5) }) : ""} />;
  }
  if (!base.data) return <div className="sw-map" />;
  return (
    <Suspense fallback={<div className="sw-map" />}>
      <LazyMapView
        base={base.data}
        pin={pin}
        cases={pin ? undefined : NO_CASES}
        zones={zones}
        legend={false}
        pageScrolls
        label={t("map.place_label")}
        testId="place-map-canvas"
      />
    </Suspense>
  );
}

function UnknownPlace() {
  const { t } = useTranslation();
  return <PlaceNote title={t("map.place_unknown")} text={t("map.place_unknown_text")} />;
}

function PlaceNote({ title, text }: { title: string; text: string }) {
  return (
    <div className="sw-map sw-place-unknown" role="note">
      <svg width="24" height="24" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.6" aria-hidden="true">
        <circle cx="12" cy="12" r="10" strokeDasharray="3 2.2" />
        <path d="M9.3 9.6a2.7 2.7 0 1 1 4.1 2.3c-.9.6-1.4 1-1.4 2.1M12 16.6v.2" strokeLinecap="round" />
      </svg>
      <b>{title}</b>
      <span className="sw-map-soft">{text}</span>
    </div>
  );
}
