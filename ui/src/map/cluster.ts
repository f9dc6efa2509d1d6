/**
 * Groups points that would overlap on the screen. Pure: numbers in, groups out.
 *
 * Seeds are taken in the order of ids (which are in order of time), so a new case joins the groups that are
 * there and does not reshuffle them: the map stays still while work goes on.
 */
import { caseKind, type CaseKind, type KindCounts } from "./kinds";

export interface PlacedCase {
  id: string;
  x: number;
  y: number;
  state: string;
  due_state: string;
}

export interface Group {
  /** Stable name of the group: that of its seed. */
  key: string;
  x: number;
  y: number;
  ids: string[];
  counts: KindCounts;
  /** Of the only member, or the most pressing one. */
  kind: CaseKind;
  /** minx, miny, maxx, maxy of the members. */
  extent: [number, number, number, number];
}

type Cells = Map<string, number[]>;

/** `radius` is in the units of x and y; 0 groups only what lies on exactly the same spot. */
export function clusterCases(cases: readonly PlacedCase[], radius: number): Group[] {
  const reach = Math.max(radius, 1e-6);
  const sorted = [...cases].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const cells = fillCells(sorted, reach);
  const taken = new Uint8Array(sorted.length);
  const groups: Group[] = [];
  sorted.forEach((seed, index) => {
    if (taken[index]) return;
    const members = near(sorted, cells, seed, reach).filter((i) => !taken[i]);
    for (const i of members) taken[i] = 1;
    groups.push(makeGroup(seed, members.map((i) => sorted[i]!)));
  });
  return groups;
}

function cellOf(value: number, size: number): number {
  return Math.floor(value / size);
}

function fillCells(cases: readonly PlacedCase[], size: number): Cells {
  const cells: Cells = new Map();
  cases.forEach((c, i) => {
    const key = `${cellOf(c.x, size)}:${cellOf(c.y, size)}`;
    const cell = cells.get(key);
    if (cell) cell.push(i);
    else cells.set(key, [i]);
  });
  return cells;
}

function near(cases: readonly PlacedCase[], cells: Cells, at: PlacedCase, reach: number): number[] {
  const found: number[] = [];
  const cx = cellOf(at.x, reach);
  const cy = cellOf(at.y, reach);
  for (let dx = -1; dx <= 1; dx += 1) {
    for (let dy = -1; dy <= 1; dy += 1) {
      for (const i of cells.get(`${cx + dx}:${cy + dy}`) ?? []) {
        const c = cases[i]!;
        if (Math.hypot(c.x - at.x, c.y - at.y) <= reach) found.push(i);
      }
    }
  }
  return found;
}

const RANK: Record<CaseKind, number> = { overdue: 0, soon: 1, fresh: 2, working: 3, verify: 4, done: 5 };

/** A group stands where its seed is: that keeps groups apart, and still when members come and go. */
function makeGroup(seed: PlacedCase, members: PlacedCase[]): Group {
  const counts: KindCounts = { overdue: 0, soon: 0, fresh: 0, working: 0, verify: 0, done: 0 };
  const extent: Group["extent"] = [Infinity, Infinity, -Infinity, -Infinity];
  let kind: CaseKind = "done";
  for (const m of members) {
    const k = caseKind(m);
    counts[k] += 1;
    if (RANK[k] < RANK[kind]) kind = k;
    extent[0] = Math.min(extent[0], m.x);
    extent[1] = Math.min(extent[1], m.y);
    extent[2] = Math.max(extent[2], m.x);
    extent[3] = Math.max(extent[3], m.y);
  }
  return { key: seed.id, x: seed.x, y: seed.y, ids: members.map((m) => m.id), counts, kind, extent };
}

/** The shares that a cluster's ring shows, clockwise from the top. */
export function ringShares(counts: KindCounts): { overdue: number; soon: number; other: number } {
  const total = Object.values(counts).reduce((a, b) => a + b, 0) || 1;
  const overdue = counts.overdue / total;
  const soon = counts.soon / total;
  return { overdue, soon, other: Math.max(0, 1 - overdue - soon) };
}
