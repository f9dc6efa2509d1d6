import { useMemo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { MapBase } from "../api/types";
import { CaseGlyph } from "./CaseGlyph";
import { ClusterList } from "./ClusterList";
import { countKinds } from "./kinds";
import { Legend, MapFoot, ZoomButtons } from "./MapFurniture";
import type { Circle, Device, MapPoint, ViewInfo, Zone } from "./shapes";
import { type DeviceTip, type Pin, type Tip, useStreetMap } from "./useStreetMap";
import "ol/ol.css";
import "./map.css";

export interface MapViewProps {
  base: MapBase;
  /** undefined while they are still on their way. */
  cases?: readonly MapPoint[];
  /** Cameras and sensors that are switched on. */
  devices?: readonly Device[];
  onOpenDevice?: (device: Device) => void;
  /** Parts of the street that something is said of. */
  circles?: readonly Circle[];
  /** Grids in which something gathers. */
  zones?: readonly Zone[];
  /** What switches them on and off; told how near the map is seen. */
  layers?: (view: ViewInfo | null) => ReactNode;
  pin?: Pin;
  selectedId?: string | null;
  hoverId?: string | null;
  onSelect?: (id: string | null) => void;
  onHover?: (id: string | null) => void;
  onOpen?: (id: string) => void;
  /** The page scrolls past the map: it must not catch the wheel or a finger on the way. */
  pageScrolls?: boolean;
  legend?: boolean;
  /** Shown in the lower left corner, e.g. the case that is chosen. */
  dock?: ReactNode;
  label: string;
  testId?: string;
}

const NONE: readonly MapPoint[] = [];

export default function MapView(props: MapViewProps) {
  const { base, cases, pin, legend = true, pageScrolls = false, dock, label, testId = "map", devices, circles, zones, layers } = props;
  const { selectedId = null, hoverId = null, onSelect, onHover, onOpen, onOpenDevice } = props;
  const state = useStreetMap({ base, cases, devices, circles, zones, pin, selectedId, hoverId, pageScrolls, onSelect, onOpen, onHover, onOpenDevice });
  const { target, zoom, fit, ready, grid, view, tip, deviceTip, listed, setListed } = state;
  const points = cases ?? NONE;
  const byId = useMemo(() => new Map(points.map((c) => [c.id, c])), [points]);
  const counts = useMemo(() => countKinds(points), [points]);
  const members = listed?.map((id) => byId.get(id)).filter((c): c is MapPoint => !!c);

  return (
    <div className="sw-map" data-testid={testId} data-map-ready={ready ? "true" : undefined} data-case-count={points.length} data-device-count={devices?.length} data-circle-count={circles?.length} data-zone-count={zones?.length}>
      {/* The arrow keys move the map, plus and minus zoom it: so it must take the focus. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div ref={target} className="sw-map-canvas" tabIndex={0} role="application" aria-label={label} />
      {legend ? <Legend counts={counts} /> : null}
      {layers ? layers(view) : null}
      {deviceTip && !tip ? <NameOfDevice tip={deviceTip} /> : null}
      {tip && tip.id !== selectedId && byId.has(tip.id) ? <CaseTip tip={tip} item={byId.get(tip.id)!} /> : null}
      {members && members.length > 0 ? (
        <ClusterList
          items={members}
          onHover={onHover}
          onClose={() => setListed(null)}
          onPick={(id) => {
            setListed(null);
            onSelect?.(id);
          }}
        />
      ) : (
        dock
      )}
      <MapFoot view={view} grid={grid} />
      <ZoomButtons view={view} onZoom={zoom} onFit={fit} small={!!pin} />
    </div>
  );
}

/** Near the upper edge, and under the legend, the tip hangs below its glyph. */
const TIP_HEIGHT = 112;

function NameOfDevice({ tip: { device, x, y } }: { tip: DeviceTip }) {
  const { t } = useTranslation();
  return (
    <div className="sw-map-panel sw-map-tip" style={{ left: x, top: y }} data-below={y < TIP_HEIGHT} role="tooltip" data-testid="device-tip">
      <p>{device.name}</p>
      <p className="sw-map-soft">{t(`map.device.${device.kind}`)} · {device.code}</p>
    </div>
  );
}

function CaseTip({ tip, item }: { tip: Tip; item: MapPoint }) {
  const { t } = useTranslation();
  return (
    <div
      className="sw-map-panel sw-map-tip"
      style={{ left: tip.x, top: tip.y }}
      data-below={tip.y < TIP_HEIGHT}
      role="tooltip"
    >
      <p>{item.title}</p>
      <p className="sw-map-soft">
        <CaseGlyph item={item} size={12} /> {t(`state.${item.state}`)} · {item.number}
      </p>
    </div>
  );
}
