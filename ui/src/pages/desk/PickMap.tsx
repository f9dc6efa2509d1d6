import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { mapQuery } from "../../api/queries";
import { IconButton } from "../../map/MapFurniture";
import { PickBoard, type LonLat, type NumberedPin } from "./pickBoard";
import "ol/ol.css";
import "../../map/map.css";
import "./desk.css";

interface Props { area: string; pins: readonly NumberedPin[]; reported: LonLat | null; picking: boolean;
  /** Whether picking brings the keys here. */
  takesFocus?: boolean;
  onPick: (at: LonLat) => void; onCancel?: () => void }

const DIGITS = 6;
const rounded = ({ lon, lat }: LonLat): LonLat => ({ lon: Number(lon.toFixed(DIGITS)), lat: Number(lat.toFixed(DIGITS)) });

/** Candidates as numbered pins. While picking, a click sets the point, or Enter that under the cross. */
export default function PickMap({ area, pins, reported, picking, takesFocus = true, onPick, onCancel }: Props) {
  const { t } = useTranslation();
  const base = useQuery(mapQuery(area)).data;
  const target = useRef<HTMLDivElement>(null);
  const board = useRef<PickBoard | null>(null);
  const [ready, setReady] = useState(false);
  const latest = useRef({ onPick, picking });
  useEffect(() => {
    latest.current = { onPick, picking };
  });
  useEffect(() => {
    const made = new PickBoard(
      target.current!,
      (at) => {
        if (latest.current.picking) latest.current.onPick(rounded(at));
      },
      () => setReady(true),
    );
    board.current = made;
    return () => {
      made.dispose();
      board.current = null;
    };
  }, []);
  useEffect(() => {
    if (base) board.current?.setBase(base);
  }, [base]);
  const lon = reported?.lon;
  const lat = reported?.lat;
  useEffect(() => {
    if (base) board.current?.setPins(pins, lon !== undefined && lat !== undefined ? { lon, lat } : null);
  }, [base, pins, lon, lat]);
  useEffect(() => {
    if (picking && takesFocus) target.current?.focus();
    board.current?.setPicking(picking);
  }, [picking, takesFocus]);
  function keys(event: KeyboardEvent): void {
    if (!picking) return;
    if (event.key === "Enter") {
      const at = board.current?.center();
      if (at) onPick(rounded(at));
    } else if (event.key === "Escape") {
      onCancel?.();
      target.current?.blur();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
  return (
    <div className={`sw-map dk-map ${picking ? "dk-map-picking" : ""}`} data-testid="desk-map" data-ready={(ready && base !== undefined) || undefined} data-picking={picking || undefined}>
      {/* The arrow keys move the map, plus and minus zoom it: so it must take the focus. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex, jsx-a11y/no-noninteractive-element-interactions */}
      <div ref={target} className="sw-map-canvas" tabIndex={0} role="application" aria-label={t("desk.map_label")} onKeyDown={keys} />
      {picking ? <svg className="dk-cross" width="32" height="32" viewBox="0 0 32 32" aria-hidden="true"><path d="M16 2v11M16 19v11M2 16h11M19 16h11" stroke="currentColor" strokeWidth="2" /></svg> : null}
      {picking ? <p className="dk-map-hint sw-small">{t("desk.map_hint")}</p> : null}
      <div className="sw-map-panel sw-map-zoom sw-map-zoom-small">
        <IconButton label={t("map.zoom_in")} path="M8 3v10M3 8h10" onClick={() => board.current?.zoomBy(1)} />
        <IconButton label={t("map.zoom_out")} path="M3 8h10" onClick={() => board.current?.zoomBy(-1)} />
      </div>
    </div>
  );
}
