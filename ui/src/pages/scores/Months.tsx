import { useTranslation } from "react-i18next";
import type { ScoreLine } from "../../api/types";
import { percent } from "./numbers";

const [WIDTH, HEIGHT, PAD] = [220, 64, 6] as const;
const SHOWN = ["response", "solved", "satisfied", "on_time"];

const of = (line: ScoreLine, name: string): number | null => line.rates.find((one) => one.name === name)?.rate ?? null;

/** A rate month by month, 0 at the bottom and 1 at the top; months without one leave a gap. */
function Chart({ values, label }: { values: (number | null)[]; label: string }) {
  const step = (WIDTH - 2 * PAD) / Math.max(1, values.length - 1);
  const at = (value: number, index: number): string => `${(PAD + index * step).toFixed(1)},${(HEIGHT - PAD - value * (HEIGHT - 2 * PAD)).toFixed(1)}`;
  const lines: string[] = [];
  let begun = false;
  values.forEach((value, index) => {
    if (value !== null) lines.push(`${begun ? "L" : "M"}${at(value, index)}`);
    begun = value !== null;
  });
  return (
    <svg width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      <path d={`M${PAD} ${PAD}H${WIDTH - PAD}M${PAD} ${HEIGHT - PAD}H${WIDTH - PAD}`} stroke="var(--sw-line)" strokeWidth="1" />
      <path d={lines.join("")} fill="none" stroke="var(--sw-text2)" strokeWidth="1.5" strokeLinejoin="round" />
      {values.map((value, index) => {
        const [x, y] = value === null ? [] : at(value, index).split(",");
        return x === undefined ? null : <circle key={index} cx={x} cy={y} r={index === values.length - 1 ? 3 : 1.6} fill="var(--sw-text)" />;
      })}
    </svg>
  );
}

/** Four rates over the last months, the shown one at the end. */
export function Months({ before, now, month }: { before: ScoreLine[]; now: ScoreLine; month: string }) {
  const { t } = useTranslation();
  const lines = [...before, now];
  return (
    <div className="sc-months" aria-label={t("scores.before")}>
      {SHOWN.map((name) => {
        const values = lines.map((line) => of(line, name));
        const said = lines.map((line, index) => `${index === lines.length - 1 ? month : line.name} ${percent(of(line, name))}`).join(", ");
        return (
          <figure key={name}>
            <figcaption className="sw-small"><span className="sw-quiet">{t(`scores.rate.${name}`)}</span> <strong className="sw-num">{percent(of(now, name))}</strong></figcaption>
            <Chart values={values} label={`${t(`scores.rate.${name}`)}: ${said}`} />
          </figure>
        );
      })}
    </div>
  );
}
