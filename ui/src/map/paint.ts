/** Draws glyphs and clusters once each, into small canvases that the map then stamps. */
import type { Group } from "./cluster";
import { ringShares } from "./cluster";
import { SHAPES, type CaseKind } from "./kinds";
import type { Palette } from "./palette";

export interface Stamp {
  canvas: HTMLCanvasElement;
  /** The canvas is drawn larger than it is shown, for sharp edges. */
  scale: number;
}

const GLYPH_PX = 17;
const LARGE_PX = 22;
const MARGIN = 4;
/** Cluster pictures depend on their numbers; past this many the cache starts anew rather than grows. */
const CACHE_LIMIT = 600;

export class Stamps {
  private readonly cache = new Map<string, Stamp>();
  private readonly ratio = Math.max(2, Math.ceil(window.devicePixelRatio || 1));

  constructor(private readonly palette: Palette) {}

  glyph(kind: CaseKind): Stamp {
    return this.keep(`g:${kind}`, () => this.square(GLYPH_PX + 2 * MARGIN, (ctx) => this.drawGlyph(ctx, kind, GLYPH_PX)));
  }

  /** The same glyph, larger and ringed: the one that is pointed at or chosen. */
  marked(kind: CaseKind, chosen: boolean): Stamp {
    const size = LARGE_PX + 2 * MARGIN + 12;
    return this.keep(`m:${kind}:${chosen}`, () =>
      this.square(size, (ctx) => {
        this.drawRing(ctx, size / 2 - 3, chosen ? 3 : 2);
        this.drawGlyph(ctx, kind, LARGE_PX);
      }),
    );
  }

  /** Where a single case is, on its own page: the state is written beside it. */
  pin(): Stamp {
    return this.keep("pin", () => this.square(40, (ctx) => this.drawPin(ctx)));
  }

  cluster(group: Group): Stamp {
    const { overdue, soon } = group.counts;
    const count = group.ids.length;
    const key = `c:${count}:${overdue}:${soon}`;
    const radius = clusterRadius(count);
    return this.keep(key, () => this.square(2 * radius + 2 * MARGIN, (ctx) => this.drawCluster(ctx, group, radius)));
  }

  private keep(key: string, make: () => Stamp): Stamp {
    const known = this.cache.get(key);
    if (known) return known;
    if (this.cache.size > CACHE_LIMIT) this.cache.clear();
    const stamp = make();
    this.cache.set(key, stamp);
    return stamp;
  }

  /** A square canvas with the origin in its middle. */
  private square(size: number, draw: (ctx: CanvasRenderingContext2D) => void): Stamp {
    const canvas = document.createElement("canvas");
    canvas.width = Math.ceil(size * this.ratio);
    canvas.height = canvas.width;
    const ctx = canvas.getContext("2d")!;
    ctx.translate(canvas.width / 2, canvas.height / 2);
    ctx.scale(this.ratio, this.ratio);
    draw(ctx);
    return { canvas, scale: 1 / this.ratio };
  }

  private drawGlyph(ctx: CanvasRenderingContext2D, kind: CaseKind, px: number): void {
    const shape = SHAPES[kind];
    const own = this.palette.kind[kind];
    const { paper } = this.palette.color;
    const body = new Path2D(shape.body);
    ctx.save();
    ctx.scale(px / 24, px / 24);
    ctx.translate(-12, -12);
    ctx.lineJoin = "round";
    ctx.lineCap = "round";
    // A rim of paper lifts the glyph off roads and neighbours.
    ctx.strokeStyle = paper;
    ctx.lineWidth = shape.solid ? 4.5 : 8;
    ctx.stroke(body);
    ctx.fillStyle = shape.solid ? own : paper;
    ctx.fill(body);
    ctx.strokeStyle = own;
    if (!shape.solid) {
      ctx.lineWidth = 3.4;
      ctx.stroke(body);
    }
    if (shape.mark) {
      ctx.lineWidth = kind === "verify" ? 5.5 : 2.8;
      ctx.strokeStyle = shape.solid ? paper : own;
      ctx.stroke(new Path2D(shape.mark));
    }
    ctx.restore();
  }

  /** The tip is in the middle of the canvas. */
  private drawPin(ctx: CanvasRenderingContext2D): void {
    const { paper, focus } = this.palette.color;
    ctx.beginPath();
    ctx.moveTo(0, 0);
    ctx.bezierCurveTo(-3, -5, -7, -7, -7, -11.5);
    ctx.arc(0, -11.5, 7, Math.PI, 0);
    ctx.bezierCurveTo(7, -7, 3, -5, 0, 0);
    ctx.lineJoin = "round";
    ctx.lineWidth = 3;
    ctx.strokeStyle = paper;
    ctx.stroke();
    ctx.fillStyle = focus;
    ctx.fill();
    ctx.beginPath();
    ctx.arc(0, -11.5, 2.6, 0, 2 * Math.PI);
    ctx.fillStyle = paper;
    ctx.fill();
  }

  private drawRing(ctx: CanvasRenderingContext2D, radius: number, width: number): void {
    const { paper, focus } = this.palette.color;
    ctx.beginPath();
    ctx.arc(0, 0, radius, 0, 2 * Math.PI);
    ctx.fillStyle = paper;
    ctx.fill();
    ctx.lineWidth = width;
    ctx.strokeStyle = focus;
    ctx.stroke();
  }

  private drawCluster(ctx: CanvasRenderingContext2D, group: Group, radius: number): void {
    const { paper, ink, muted } = this.palette.color;
    const { overdue: late, soon: near } = this.palette.kind;
    const shares = ringShares(group.counts);
    ctx.beginPath();
    ctx.arc(0, 0, radius + 1, 0, 2 * Math.PI);
    ctx.fillStyle = paper;
    ctx.fill();
    // What is in time is only a hairline: a ring catches the eye where something in it needs somebody.
    ctx.beginPath();
    ctx.arc(0, 0, radius - 0.5, 0, 2 * Math.PI);
    ctx.strokeStyle = muted;
    ctx.lineWidth = 1.2;
    ctx.stroke();
    let from = -Math.PI / 2;
    for (const [share, color] of [[shares.overdue, late], [shares.soon, near]] as const) {
      from = this.drawArc(ctx, radius - 1.6, from, share, color);
    }
    ctx.fillStyle = ink;
    ctx.font = `600 12px ${this.palette.font}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillText(String(group.ids.length), 0, 0.5);
    if (group.counts.overdue > 0) this.drawBadge(ctx, radius);
  }

  private drawArc(ctx: CanvasRenderingContext2D, radius: number, from: number, share: number, color: string): number {
    if (share <= 0) return from;
    const to = from + share * 2 * Math.PI;
    const gap = share < 1 ? 0.05 : 0;
    ctx.beginPath();
    ctx.arc(0, 0, radius, from + gap, Math.max(from + gap + 0.12, to - gap));
    ctx.strokeStyle = color;
    ctx.lineWidth = 3.4;
    ctx.lineCap = "butt";
    ctx.stroke();
    return to;
  }

  /** Red alone would be lost on some eyes: a cluster with something late also wears the diamond. */
  private drawBadge(ctx: CanvasRenderingContext2D, radius: number): void {
    ctx.save();
    ctx.translate(radius * 0.72, -radius * 0.72);
    this.drawGlyph(ctx, "overdue", 11);
    ctx.restore();
  }
}

export function clusterRadius(count: number): number {
  return count < 10 ? 13 : count < 50 ? 15 : count < 200 ? 18 : 21;
}
