/** What stands around the map: legend, scale, where the pointer is, and buttons to zoom. */
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { KindGlyph } from "./CaseGlyph";
import { KINDS, type KindCounts } from "./kinds";
import type { GridInfo, ViewInfo } from "./shapes";

export const Legend = memo(function Legend({ counts }: { counts: KindCounts }) {
  const { t } = useTranslation();
  return (
    <ul className="sw-map-panel sw-map-legend" aria-label={t("map.legend")}>
      {KINDS.map((kind) => (
        <li key={kind} data-kind={kind}>
          <KindGlyph kind={kind} size={14} />
          <span>{t(`map.kind.${kind}`)}</span>
          <b>{counts[kind]}</b>
        </li>
      ))}
    </ul>
  );
});

/** A round length that fits in about `most` pixels. */
export function scaleBar(metresPerPixel: number, most = 96): { metres: number; width: number } {
  const limit = metresPerPixel * most;
  const power = 10 ** Math.floor(Math.log10(limit));
  const lead = limit / power >= 5 ? 5 : limit / power >= 2 ? 2 : 1;
  const metres = lead * power;
  return { metres, width: Math.round(metres / metresPerPixel) };
}

export const MapFoot = memo(function MapFoot({ view, grid }: { view: ViewInfo | null; grid: GridInfo | null }) {
  const { t } = useTranslation();
  if (!view) return null;
  const { metres, width } = scaleBar(view.metresPerPixel);
  const words = metres >= 1000 ? t("map.kilometres", { n: metres / 1000 }) : t("map.metres", { n: metres });
  return (
    <div className="sw-map-foot">
      <span className="sw-map-scale" style={{ width }} title={t("map.scale")}>
        {words}
      </span>
      {grid ? (
        <span className="sw-map-where" data-testid="map-grid">
          {grid.community} · {grid.name} <span className="sw-map-soft">{grid.code}</span>
        </span>
      ) : null}
    </div>
  );
});

interface ZoomProps {
  view: ViewInfo | null;
  onZoom: (steps: number) => void;
  onFit: () => void;
  /** On a small map they lie in a row and leave the ground free. */
  small: boolean;
}

export const ZoomButtons = memo(function ZoomButtons({ view, onZoom, onFit, small }: ZoomProps) {
  const { t } = useTranslation();
  return (
    <div className={small ? "sw-map-panel sw-map-zoom sw-map-zoom-small" : "sw-map-panel sw-map-zoom"}>
      <IconButton label={t("map.zoom_in")} path="M8 3v10M3 8h10" disabled={!view?.canZoomIn} onClick={() => onZoom(1)} />
      <IconButton label={t("map.zoom_out")} path="M3 8h10" disabled={!view?.canZoomOut} onClick={() => onZoom(-1)} />
      <IconButton label={t("map.fit")} path="M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10" onClick={onFit} />
    </div>
  );
});

interface IconButtonProps {
  label: string;
  path: string;
  disabled?: boolean;
  onClick: () => void;
}

export function IconButton({ label, path, disabled, onClick }: IconButtonProps) {
  return (
    <button type="button" aria-label={label} title={label} disabled={disabled} onClick={onClick}>
      <svg width="16" height="16" viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.6" aria-hidden="true">
        <path d={path} />
      </svg>
    </button>
  );
}
