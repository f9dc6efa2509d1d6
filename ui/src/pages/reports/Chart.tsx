import type { ReportBlock } from "../../api/reports";

type Series = NonNullable<ReportBlock["series"]>[number];
const WIDTH = 640;
const [ROW, BAR, LABELS, VALUES] = [34, 12, 150, 60] as const;
const [HEIGHT, LEFT, BASE, TOP] = [180, 20, 150, 12] as const;
const INKS = ["var(--sw-text2)", "var(--sw-line)"];

const largest = (series: Series[]): number => Math.max(1e-9, ...series.flatMap((one) => one.values.map((value) => value ?? 0)));

/** A chart of the report: every value stands beside its mark, or in the words for who listens. */
export function Chart({ block }: { block: ReportBlock }) {
  const series = block.series ?? [];
  const labels = block.labels ?? [];
  const said = series.map((one) => `${one.name}: ${labels.map((label, index) => `${label} ${one.told[index] ?? ""}`).join(", ")}`).join("; ");
  return (
    <figure className="rp-chart">
      <figcaption className="sw-small">
        <strong>{block.title}</strong>
        {series.length > 1 ? series.map((one, index) => <span key={one.name} className="rp-key"><i style={{ background: INKS[index] }} />{one.name}</span>) : null}
      </figcaption>
      {block.shape === "bar" ? <Bars series={series} labels={labels} said={said} /> : <Lines series={series} labels={labels} said={said} />}
    </figure>
  );
}

function Bars({ series, labels, said }: { series: Series[]; labels: string[]; said: string }) {
  const row = Math.max(ROW, series.length * (BAR + 3) + 8);
  const scale = (WIDTH - LABELS - VALUES) / largest(series);
  return (
    <svg viewBox={`0 0 ${WIDTH} ${row * labels.length}`} role="img" aria-label={said}>
      {labels.map((label, place) => (
        <g key={label} transform={`translate(0 ${place * row})`}>
          <text x={LABELS - 8} y={row / 2 + 4} textAnchor="end" className="rp-label">{label.length > 11 ? `${label.slice(0, 10)}…` : label}</text>
          {series.map((one, index) => {
            const long = (one.values[place] ?? 0) * scale;
            const y = (row - series.length * (BAR + 3)) / 2 + index * (BAR + 3);
            return (
              <g key={one.name}>
                <rect x={LABELS} y={y} width={long} height={BAR} fill={INKS[index]} />
                <text x={LABELS + long + 6} y={y + BAR - 2} className="rp-value">{one.told[place]}</text>
              </g>
            );
          })}
        </g>
      ))}
    </svg>
  );
}

function Lines({ series, labels, said }: { series: Series[]; labels: string[]; said: string }) {
  const top = largest(series);
  const step = (WIDTH - 2 * LEFT) / Math.max(1, labels.length - 1);
  const every = Math.max(1, Math.ceil(labels.length / 16));
  const x = (index: number): number => LEFT + index * step;
  const y = (value: number): number => BASE - (value / top) * (BASE - TOP);
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={said}>
      <path d={`M${LEFT} ${BASE}H${WIDTH - LEFT}`} stroke="var(--sw-line)" />
      {labels.map((label, index) => (index % every === 0 ? <text key={label} x={x(index)} y={BASE + 18} textAnchor="middle" className="rp-value">{label}</text> : null))}
      {series.map((one, number) => (
        <g key={one.name} stroke={INKS[number]} fill={INKS[number]}>
          <path fill="none" strokeWidth="2" d={one.values.map((value, index) => `${index === 0 ? "M" : "L"}${x(index).toFixed(1)},${y(value ?? 0).toFixed(1)}`).join("")} />
          {one.values.map((value, index) => <circle key={index} cx={x(index)} cy={y(value ?? 0)} r="2.500" stroke="none"><title>{`${labels[index] ?? ""} ${one.told[index] ?? ""}`}</title></circle>)}
        </g>
      ))}
    </svg>
  );
}
