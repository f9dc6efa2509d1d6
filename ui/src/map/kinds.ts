/**
 * What a case looks like. One table for the map (drawn on canvas) and for the lists (drawn as SVG), so that
 * a glyph means the same wherever it is seen. Every kind differs in shape as well as in colour.
 */
export type CaseKind = "overdue" | "soon" | "fresh" | "working" | "verify" | "done";

/** Most pressing first: the order of the legend, and who lies on top where glyphs meet. */
export const KINDS: readonly CaseKind[] = ["overdue", "soon", "fresh", "working", "verify", "done"];

export interface KindInput {
  state: string;
  due_state: string;
}

/** Time beats state: a case that is late is late whatever is being done about it. */
export function caseKind({ state, due_state }: KindInput): CaseKind {
  if (state === "closed") return "done";
  if (due_state === "overdue") return "overdue";
  if (due_state === "soon") return "soon";
  if (state === "reported") return "verify";
  if (state === "verified") return "done";
  return state === "dispatched" || state === "handling" ? "working" : "fresh";
}

export interface GlyphShape {
  /** Outline in a 24 × 24 box. */
  body: string;
  /** Filled with the kind's colour, or with the paper and only outlined. */
  solid: boolean;
  /** Drawn over the body: in paper colour on a solid body, else in the kind's colour. */
  mark?: string;
}

const CIRCLE = "M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17Z";

export const SHAPES: Record<CaseKind, GlyphShape> = {
  overdue: { body: "M12 1 23 12 12 23 1 12Z", solid: true, mark: "M12 6.6v6.4M12 16.8v.2" },
  soon: { body: "M12 2.2 22.8 21H1.2Z", solid: true, mark: "M12 9v6.2M12 18v.1" },
  fresh: { body: "M4.5 4.5h15v15h-15Z", solid: false },
  working: { body: CIRCLE, solid: true },
  verify: { body: CIRCLE, solid: false, mark: "M12 11.9v.2" },
  done: { body: CIRCLE, solid: false, mark: "M8.2 12.2l2.7 2.8 5-5.6" },
};

/** Custom property that holds the colour of a kind (see map.css). */
export const KIND_VAR: Record<CaseKind, string> = {
  overdue: "--map-overdue",
  soon: "--map-soon",
  fresh: "--map-fresh",
  working: "--map-working",
  verify: "--map-working",
  done: "--map-done",
};

export type KindCounts = Record<CaseKind, number>;

export function countKinds(items: readonly KindInput[]): KindCounts {
  const counts: KindCounts = { overdue: 0, soon: 0, fresh: 0, working: 0, verify: 0, done: 0 };
  for (const item of items) counts[caseKind(item)] += 1;
  return counts;
}
