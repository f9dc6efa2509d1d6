const WIDTH = 84;
const HEIGHT = 28;
const PAD = 3;

/** The line through the last days: how high today is, against the days before. No axis: the shape is what counts. */
export function sparkPoints(series: readonly number[]): { x: number; y: number }[] {
  const top = Math.max(1, ...series);
  const step = series.length > 1 ? (WIDTH - 2 * PAD) / (series.length - 1) : 0;
  return series.map((value, i) => ({ x: PAD + i * step, y: HEIGHT - PAD - (value / top) * (HEIGHT - 2 * PAD) }));
}

export function Spark({ series }: { series: readonly number[] }) {
  const points = sparkPoints(series);
  const last = points.at(-1);
  if (!last || points.length < 2) return null;
  const line = points.map((p) => `${p.x.toFixed(1)},${p.y.toFixed(1)}`).join(" ");
  return (
    <svg className="ov-spark" width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <path d={`M${PAD} ${HEIGHT - PAD + 0.5}H${WIDTH - PAD}`} stroke="var(--sw-line)" strokeWidth="1" />
      <polyline points={line} fill="none" stroke="var(--sw-text3)" strokeWidth="1.4" strokeLinejoin="round" />
      <circle cx={last.x} cy={last.y} r="2.4" fill="var(--sw-text)" />
    </svg>
  );
}
