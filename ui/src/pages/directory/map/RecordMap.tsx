import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { mapQuery } from "../../../api/queries";
import { IconButton } from "../../../map/MapFurniture";
import type { Sight } from "../../../map/wedge";
import { RecordMapBoard, type LonLat } from "./recordMap";
import "ol/ol.css";
import "../../../map/map.css";

interface Props {
  area: string; point: LonLat | null; geometry: object | null;
  /** Of a camera: where it looks. */
  sight?: Sight | null;
  onPoint?: (at: LonLat) => void; onGeometry?: (geometry: object) => void;
}

/** Where a record lies; with `onPoint` or `onGeometry` it is set there by hand. */
export default function RecordMap({ area, point, geometry, sight = null, onPoint, onGeometry }: Props) {
  const { t } = useTranslation();
  const base = useQuery(mapQuery(area)).data;
  const target = useRef<HTMLDivElement>(null);
  const board = useRef<RecordMapBoard | null>(null);
  const latest = useRef({ onPoint, onGeometry });
  const [ready, setReady] = useState(false);
  useEffect(() => {
    latest.current = { onPoint, onGeometry };
  });
  const picks = onPoint !== undefined;
  const draws = onGeometry !== undefined;
  useEffect(() => {
    const made = new RecordMapBoard(
      target.current!,
      {
        onPoint: picks ? (at) => latest.current.onPoint?.(at) : undefined,
        onGeometry: draws ? (shape) => latest.current.onGeometry?.(shape) : undefined,
      },
      () => setReady(true),
    );
    board.current = made;
    return () => {
      made.dispose();
      board.current = null;
    };
  }, [picks, draws]);
  const lon = point?.lon;
  const lat = point?.lat;
  const direction = sight?.direction;
  const view = sight?.view;
  useEffect(() => {
    if (base) board.current?.setBase(base, null);
  }, [base, picks, draws]);
  useEffect(() => {
    if (!draws && geometry === null) {
      const looks = direction !== undefined && view !== undefined ? { direction, view } : null;
      board.current?.showPoint(lon !== undefined && lat !== undefined ? { lon, lat } : null, looks);
    }
  }, [lon, lat, direction, view, geometry, draws, picks, base]);
  useEffect(() => {
    if (draws || geometry !== null) board.current?.showGeometry(geometry);
  }, [geometry, draws, base]);
  return (
    <div className={`sw-map di-map ${draws ? "di-map-tall" : ""}`} data-testid="record-map" data-ready={(ready && base !== undefined) || undefined}>
      {/* The arrow keys move the map, plus and minus zoom it: so it must take the focus. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div ref={target} className="sw-map-canvas" tabIndex={0} role="application" aria-label={t(picks ? "dir.form.pick" : "map.place_label")} />
      <div className="sw-map-panel sw-map-zoom sw-map-zoom-small">
        <IconButton label={t("map.zoom_in")} path="M8 3v10M3 8h10" onClick={() => board.current?.zoomBy(1)} />
        <IconButton label={t("map.zoom_out")} path="M3 8h10" onClick={() => board.current?.zoomBy(-1)} />
      </div>
    </div>
  );
}
