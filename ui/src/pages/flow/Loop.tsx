import { useTranslation } from "react-i18next";
import type { EdgeAsked, Flow, FlowEdge } from "../../api/flow";
import type { CaseState } from "../../api/types";
import { StateGlyph } from "../../shared/StateMark";
import { duration } from "./words";

const [WIDTH, LEFT, STEP] = [980, 64, 142] as const;
const [BOX_W, BOX_H] = [100, 66] as const;
/** The row of states is drawn at nought; suspended hangs under it, so far. */
const [MIDDLE, UNDER] = [0, 150] as const;
const ROW: CaseState[] = ["received", "accepted", "dispatched", "handling", "reported", "verified", "closed"];
const [THIN, THICK] = [1.2, 12] as const;

interface Point { x: number; y: number }
/** States in their order; suspended hangs under handling. */
const at = (state: CaseState): Point =>
  state === "suspended" ? { x: LEFT + ROW.indexOf("handling") * STEP, y: MIDDLE + UNDER } : { x: LEFT + ROW.indexOf(state) * STEP, y: MIDDLE };

export interface Bundle { source: CaseState; target: CaseState; count: number; median: number | null }

/** Edges between the same two states drawn as one; the median is that of the largest. */
export function bundles(edges: readonly FlowEdge[]): Bundle[] {
  const found = new Map<string, Bundle>();
  for (const { source, target, count, median } of edges) {
    if (!source) continue;
    const key = `${source} ${target}`;
    const before = found.get(key);
    if (before) before.count += count;
    else found.set(key, { source, target, count, median });
  }
  return [...found.values()];
}

/** A way from box to box: along the row to the next, over it when some are skipped, under it when it leads back. */
function line({ source, target }: Bundle): { path: string; label: Point } {
  const [from, to] = [at(source), at(target)];
  if (source === target) {
    const y = from.y - BOX_H / 2;
    return { path: `M${from.x - 16} ${y}C${from.x - 30} ${y - 40} ${from.x + 30} ${y - 40} ${from.x + 16} ${y}`, label: { x: from.x, y: y - 34 } };
  }
  if (source === "suspended" || target === "suspended") {
    const side = source === "suspended" ? 12 : -12;
    const [top, bottom] = [MIDDLE + BOX_H / 2, MIDDLE + UNDER - BOX_H / 2];
    const other = source === "suspended" ? target : source;
    if (other !== "handling") {
      return { path: `M${from.x} ${from.y - BOX_H / 2}Q${(from.x + to.x) / 2} ${MIDDLE + 90} ${to.x} ${to.y + BOX_H / 2}`, label: { x: (from.x + to.x) / 2, y: MIDDLE + 92 } };
    }
    const ends = source === "suspended" ? [bottom, top] : [top, bottom];
    return { path: `M${from.x + side} ${ends[0]}V${ends[1]}`, label: { x: from.x + side * 3.2, y: (top + bottom) / 2 + 4 } };
  }
  const apart = ROW.indexOf(target) - ROW.indexOf(source);
  if (apart === 1) return { path: `M${from.x + BOX_W / 2} ${from.y}H${to.x - BOX_W / 2}`, label: { x: (from.x + to.x) / 2, y: from.y - 12 } };
  const up = apart > 0 ? -1 : 1;
  const y = from.y + (up * BOX_H) / 2;
  const far = y + up * (26 + 17 * Math.abs(apart));
  const shift = up < 0 ? 14 : -14;
  return { path: `M${from.x + shift} ${y}C${from.x + shift} ${far} ${to.x + shift} ${far} ${to.x + shift} ${y}`, label: { x: (from.x + to.x) / 2 + shift, y: (y + 3 * far) / 4 + (up < 0 ? -3 : 10) } };
}

/** How far a way goes up (-1) or down (1) from the row. */
function reach({ source, target }: Bundle, side: -1 | 1): number {
  if (source === target) return side < 0 ? BOX_H / 2 + 52 : 0;
  const apart = source === "suspended" || target === "suspended" ? 0 : ROW.indexOf(target) - ROW.indexOf(source);
  return (apart > 1 && side < 0) || (apart < 0 && side > 0) ? BOX_H / 2 + (26 + 17 * Math.abs(apart)) * 0.75 + 20 : 0;
}

/** The loop as it is really gone: the thicker a way, the more cases took it. Colour is only for states. */
export function Loop({ flow, onAsk }: { flow: Flow; onAsk: (edge: EdgeAsked) => void }) {
  const { t } = useTranslation();
  const ways = bundles(flow.edges).sort((a, b) => b.count - a.count);
  const most = Math.max(1, ...ways.map((one) => one.count));
  const stays = new Map(flow.stays.map((one) => [one.state, one]));
  const states: CaseState[] = stays.has("suspended") ? [...ROW, "suspended"] : ROW;
  const top = -Math.max(BOX_H / 2 + 12, ...ways.map((one) => reach(one, -1)));
  const height = Math.max(stays.has("suspended") ? UNDER + BOX_H / 2 + 8 : BOX_H / 2 + 8, ...ways.map((one) => reach(one, 1))) - top;
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a wide drawing is scrolled by keys too
    <div className="fl-scroll" tabIndex={0} role="region" aria-label={t("flow.loop")}>
      <svg className="fl-loop" width={WIDTH} height={height} viewBox={`0 ${top} ${WIDTH} ${height}`} role="group" aria-label={t("flow.loop_said")} data-testid="flow-loop">
        <defs>
          <marker id="fl-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">
            <path d="M0 0 8 4 0 8z" fill="var(--sw-text2)" />
          </marker>
        </defs>
        {ways.map((one) => {
          const { path, label } = line(one);
          const width = THIN + (THICK - THIN) * Math.sqrt(one.count / most);
          const said = t("flow.edge_said", { from: t(`state.${one.source}`), to: t(`state.${one.target}`), n: one.count, median: duration(t, one.median) });
          const ask = (): void => onAsk({ source: one.source, target: one.target });
          return (
            // The table beside it has the same for keys, in an order that can be read.
            <g key={`${one.source} ${one.target}`} role="button" tabIndex={-1} aria-label={said} className="fl-edge" data-testid={`edge-${one.source}-${one.target}`} onClick={ask} onKeyDown={(event) => { if (event.key === "Enter") ask(); }}>
              <title>{said}</title>
              <path d={path} className="fl-hit" />
              <path d={path} className="fl-line" strokeWidth={width} />
              <path d={path} fill="none" stroke="none" markerEnd="url(#fl-tip)" />
              <text x={label.x} y={label.y} className="fl-count">{one.count}</text>
            </g>
          );
        })}
        {states.map((state) => <Box key={state} state={state} here={stays.get(state)?.here ?? 0} median={stays.get(state)?.median ?? null} />)}
      </svg>
    </div>
  );
}

const TONES: Partial<Record<CaseState, string>> = { received: "sw-blue", closed: "sw-green" };

function Box({ state, here, median }: { state: CaseState; here: number; median: number | null }) {
  const { t } = useTranslation();
  const { x, y } = at(state);
  return (
    <g>
      <rect x={x - BOX_W / 2} y={y - BOX_H / 2} width={BOX_W} height={BOX_H} rx="6" className="fl-box" />
      <svg x={x - BOX_W / 2 + 8} y={y - 26} width="14" height="14" className={TONES[state] ?? ""} overflow="visible"><StateGlyph state={state} /></svg>
      <text x={x - BOX_W / 2 + 27} y={y - 14} className="fl-name">{t(`state.${state}`)}</text>
      <text x={x} y={y + 6} className="fl-small">{state === "closed" ? t("flow.here", { n: here }) : t("flow.box", { median: duration(t, median) })}</text>
      {state === "closed" ? null : <text x={x} y={y + 24} className="fl-small">{t("flow.box_here", { n: here })}</text>}
    </g>
  );
}
