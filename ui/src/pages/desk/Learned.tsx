import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { learningQuery } from "../../api/desk";
import type { Learning } from "../../api/types";
import { useTimes } from "../../shared/time";

type Night = Learning["nights"][number];

/** A number among a night's figures: how well it did is named differently by different trainings. */
const figure = (night: Night, ...names: string[]): number | null => {
  for (const name of names) {
    const value = night.figures[name];
    if (typeof value === "number") return value;
  }
  return null;
};

const WIDTH = 120;
const HEIGHT = 24;

/** What corrections have taught: lessons so far, and how the last nights' training did. */
export function Learned() {
  const { t, i18n } = useTranslation();
  const times = useTimes();
  const { data } = useQuery(learningQuery);
  if (!data) return null;
  const whole = new Intl.NumberFormat(i18n.language);
  const nights = [...data.nights].sort((a, b) => Date.parse(a.made_at) - Date.parse(b.made_at));
  const last = nights.at(-1);
  const accuracy = last ? figure(last, "accuracy") : null;
  const calibration = last ? figure(last, "calibration_error", "ece") : null;
  const sure = last ? figure(last, "sure_from") : null;
  const texts = last ? (figure(last, "lessons") ?? 0) + (figure(last, "cases") ?? 0) : 0;
  const percent = (value: number): string => `${(value * 100).toFixed(1)}%`;
  return (
    <section className="dk-learned sw-small" aria-label={t("desk.learned.title")} data-testid="learned">
      <h2>{t("desk.learned.title")}</h2>
      <p className="sw-num">{t("desk.learned.lessons", { count: data.lessons, n: whole.format(data.lessons) })}</p>
      {last ? (
        <dl>
          <div><dt className="sw-quiet">{t("desk.learned.last")}</dt><dd className="sw-num">{times.stamp(last.made_at)}</dd></div>
          <div><dt className="sw-quiet">{t("desk.learned.texts")}</dt><dd className="sw-num">{whole.format(texts)}</dd></div>
          {accuracy === null ? null : <div><dt className="sw-quiet">{t("desk.learned.accuracy")}</dt><dd className="sw-num">{percent(accuracy)}</dd></div>}
          {calibration === null ? null : <div><dt className="sw-quiet">{t("desk.learned.calibration")}</dt><dd className="sw-num">{percent(calibration)}</dd></div>}
          {sure === null ? null : <div><dt className="sw-quiet">{t("desk.learned.sure_from")}</dt><dd className="sw-num">{percent(sure)}</dd></div>}
        </dl>
      ) : <p className="sw-quiet">{t("desk.learned.none")}</p>}
      <Line values={nights.map((night) => figure(night, "accuracy")).filter((value): value is number => value !== null)} />
    </section>
  );
}

/** Accuracy night by night, from the worst to the best of them. */
function Line({ values }: { values: number[] }) {
  const { t } = useTranslation();
  if (values.length < 2) return null;
  const low = Math.min(...values);
  const high = Math.max(...values);
  const points = values.map((value, index) => {
    const x = 3 + (index * (WIDTH - 6)) / (values.length - 1);
    const y = HEIGHT - 3 - ((value - low) / (high - low || 1)) * (HEIGHT - 6);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  return (
    <svg width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={t("desk.learned.line", { count: values.length })}>
      <polyline points={points.join(" ")} fill="none" stroke="var(--sw-text3)" strokeWidth="1.4" strokeLinejoin="round" />
    </svg>
  );
}
