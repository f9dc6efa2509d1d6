import { useTranslation } from "react-i18next";
import type { SpeedReport } from "../../api/flow";

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [560, 240, 44, 28, 12] as const;
/** Hours at which the axis says something. */
const TICKS = [1, 4, 24, 72, 240, 720];

/** What share of cases is done by when, before (dashed) and now; time on a logarithmic axis. */
export function Curve({ curve, label }: { curve: SpeedReport["curve"]; label: string }) {
  const { t } = useTranslation();
  const [low, high] = [Math.log(curve[0]?.hours ?? 0.25), Math.log(curve.at(-1)?.hours ?? 1440)];
  const x = (hours: number): number => LEFT + ((Math.log(hours) - low) / (high - low)) * (WIDTH - LEFT - 12);
  const y = (share: number): number => HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP);
  const path = (of: "before" | "after"): string => curve.map((one, index) => `${index ? "L" : "M"}${x(one.hours).toFixed(1)} ${y(one[of]).toFixed(1)}`).join("");
  return (
    <figure className="fl-figure">
      <figcaption className="sw-small sw-quiet">{t("speed.curve")}</figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className="fl-curve" role="img" aria-label={label}>
        {[0, 0.5, 0.9, 1].map((share) => (
          <g key={share}>
            <path d={`M${LEFT} ${y(share)}H${WIDTH - 12}`} stroke="var(--sw-line-soft)" />
            <text x={LEFT - 6} y={y(share) + 4} className="fl-small fl-end">{`${share * 100}%`}</text>
          </g>
        ))}
        {TICKS.map((hours) => (
          <text key={hours} x={x(hours)} y={HEIGHT - 8} className="fl-small">{hours < 24 ? t("flow.hours", { n: hours }) : t("flow.days", { n: hours / 24 })}</text>
        ))}
        <path d={path("before")} fill="none" stroke="var(--sw-text3)" strokeWidth="1.6" strokeDasharray="5 4" />
        <path d={path("after")} fill="none" stroke="var(--sw-text)" strokeWidth="2" />
      </svg>
      <p className="sw-small sw-quiet">{t("speed.curve_legend")}</p>
    </figure>
  );
}
