import { useRef, type KeyboardEvent, type PointerEvent } from "react";
import { useTranslation } from "react-i18next";
import type { ZoneBody } from "../../api/types";

type Corners = ZoneBody["corners"];
const [WIDTH, HEIGHT] = [640, 360] as const;
/** How far a key moves a corner, in shares of the picture. */
const [STEP, LEAP] = [0.005, 0.05] as const;
const CORNERS_MIN = 3, CORNERS_MAX = 32;
const within = (value: number): number => Math.min(1, Math.max(0, Math.round(value * 10_000) / 10_000));
const MOVES: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

interface Props {
  src: string | null; zones: ZoneBody[]; nameOf: (code: string) => string;
  /** The zone whose corners can be moved; null: none. */
  active: number | null; onActive: (index: number) => void; onCorners: (index: number, corners: Corners) => void;
}

/** The picture, or the empty frame of it, with zones over it. Corners are moved by pointer and by keys. */
export function Picture({ src, zones, nameOf, active, onActive, onCorners }: Props) {
  const { t } = useTranslation();
  const box = useRef<SVGSVGElement>(null);
  const dragging = useRef<number | null>(null);
  const zone = active === null ? undefined : zones[active];

  const put = (corner: number, x: number, y: number): void => {
    if (active !== null && zone) onCorners(active, zone.corners.map((one, at) => (at === corner ? { x: within(x), y: within(y) } : one)));
  };
  const drag = (event: PointerEvent): void => {
    const rect = box.current?.getBoundingClientRect();
    if (dragging.current === null || !rect) return;
    put(dragging.current, (event.clientX - rect.left) / rect.width, (event.clientY - rect.top) / rect.height);
  };
  const key = (event: KeyboardEvent, corner: number): void => {
    if (active === null || !zone) return;
    const at = zone.corners[corner], move = MOVES[event.key];
    if (!at) return;
    if (move) {
      const step = event.shiftKey ? LEAP : STEP;
      put(corner, at.x + move[0] * step, at.y + move[1] * step);
    } else if ((event.key === "Delete" || event.key === "Backspace") && zone.corners.length > CORNERS_MIN) {
      onCorners(active, zone.corners.filter((_, index) => index !== corner));
    } else if (event.key === "Enter" && zone.corners.length < CORNERS_MAX) {
      const next = zone.corners[(corner + 1) % zone.corners.length]!;
      const middle = { x: within((at.x + next.x) / 2), y: within((at.y + next.y) / 2) };
      onCorners(active, [...zone.corners.slice(0, corner + 1), middle, ...zone.corners.slice(corner + 1)]);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className="di-picture" data-testid="camera-picture">
      {src ? <img src={src} alt={t("discover.now")} data-testid="look-picture" /> : null}
      <svg ref={box} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="group" aria-label={t("discover.zones")}
        onPointerMove={drag}
        onPointerUp={() => {
          dragging.current = null;
        }}>
        {zones.map((one, index) => (
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions -- the fields below choose a zone by keys
          <g key={index} onClick={() => onActive(index)}>
            <polygon points={one.corners.map(({ x, y }) => `${x * WIDTH},${y * HEIGHT}`).join(" ")} className={index === active ? "di-polygon di-active" : "di-polygon"} />
            <text x={(one.corners[0]?.x ?? 0) * WIDTH + 4} y={(one.corners[0]?.y ?? 0) * HEIGHT + 16} className="di-label">{`${nameOf(one.scene)} ${one.name}`}</text>
          </g>
        ))}
        {zone?.corners.map(({ x, y }, corner) => (
          <circle key={corner} cx={x * WIDTH} cy={y * HEIGHT} r="7" className="di-corner" tabIndex={0} role="slider" data-testid={`corner-${corner}`}
            aria-label={t("discover.corner", { n: corner + 1, of: zone.corners.length })} aria-valuetext={`${Math.round(x * 100)}% ${Math.round(y * 100)}%`}
            aria-valuenow={Math.round(x * 100)} aria-valuemin={0} aria-valuemax={100}
            onKeyDown={(event) => key(event, corner)}
            onPointerDown={(event) => {
              dragging.current = corner;
              event.currentTarget.ownerSVGElement?.setPointerCapture(event.pointerId);
            }} />
        ))}
      </svg>
      {src ? null : <p className="di-nothing sw-small sw-quiet">{t("discover.no_picture")}</p>}
    </div>
  );
}
