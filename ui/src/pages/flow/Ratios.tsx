import { useTranslation } from "react-i18next";
import type { SpeedLine } from "../../api/flow";
import { duration, ratioSentence } from "./words";

const [WIDTH, HEIGHT] = [180, 20] as const;
/** From twice as quick to twice as slow; what reaches farther is cut at the edge. */
const place = (ratio: number): number => ((Math.log2(Math.min(2, Math.max(0.5, ratio))) + 1) / 2) * WIDTH;

/** A ratio with its interval, and the line of "as before". */
function Whisker({ line }: { line: SpeedLine }) {
  if (!line.ratio) return null;
  const { ratio, low, high } = line.ratio;
  return (
    <svg width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <path d={`M${WIDTH / 2} 0V${HEIGHT}`} stroke="var(--sw-line)" />
      <path d={`M${place(low)} ${HEIGHT / 2}H${place(high ?? 9)}`} stroke="var(--sw-text2)" strokeWidth="1.6" />
      <circle cx={place(ratio)} cy={HEIGHT / 2} r="3.4" fill="var(--sw-text)" />
    </svg>
  );
}

/** Units, classes or months beside the baseline. */
export function Ratios({ of, lines }: { of: "unit" | "class" | "month"; lines: SpeedLine[] }) {
  const { t } = useTranslation();
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- wide tables are scrolled by keys too
    <div className="fl-scroll" tabIndex={0} role="region" aria-label={t(`speed.by.${of}`)}>
      <table className="sw-table fl-table" data-testid={`speed-${of}`}>
        <thead>
          <tr>
            <th scope="col">{t(`speed.name.${of}`)}</th>
            <th scope="col">{t("speed.axis")}</th>
            <th scope="col">{t("speed.said")}</th>
            <th scope="col" className="fl-n">{t("speed.cases")}</th>
            <th scope="col" className="fl-n">{t("speed.open")}</th>
            <th scope="col" className="fl-n">{t("speed.medians")}</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.key ?? "-"}>
              <th scope="row" className="sw-cut">{line.name ?? (line.key === "-" || line.key === null ? t("flow.none") : line.key)}</th>
              <td><Whisker line={line} /></td>
              <td>{ratioSentence(t, line.ratio)}</td>
              <td className="fl-n sw-num">{t("speed.pair", { before: line.before, after: line.after })}</td>
              <td className="fl-n sw-num">{line.open}</td>
              <td className="fl-n sw-num">{t("speed.pair", { before: duration(t, line.median_before), after: duration(t, line.median_after) })}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
