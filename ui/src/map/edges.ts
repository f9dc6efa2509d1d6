/**
 * The borders between communities, found from the grids: an edge that two grids of different communities share.
 * Spares the server a second layer, and is always in step with the grids.
 */
export type Ring = number[][];

export interface GridShape {
  community: string;
  rings: Ring[];
}

const DIGITS = 6; // about 0.1 m: neighbouring grids come from one survey and share their corners

function pointKey(p: number[]): string {
  return `${p[0]!.toFixed(DIGITS)},${p[1]!.toFixed(DIGITS)}`;
}

interface Edge {
  line: number[][];
  community: string;
}

export function communityEdges(grids: readonly GridShape[]): number[][][] {
  const seen = new Map<string, Edge>();
  const borders: number[][][] = [];
  for (const grid of grids) {
    for (const ring of grid.rings) {
      for (let i = 1; i < ring.length; i += 1) {
        meet(seen, borders, grid.community, ring[i - 1]!, ring[i]!);
      }
    }
  }
  return borders;
}

function meet(seen: Map<string, Edge>, borders: number[][][], community: string, a: number[], b: number[]): void {
  const ka = pointKey(a);
  const kb = pointKey(b);
  const key = ka < kb ? `${ka}|${kb}` : `${kb}|${ka}`;
  const other = seen.get(key);
  if (!other) seen.set(key, { line: [a, b], community });
  else if (other.community !== community) borders.push(other.line);
}
