import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { cadenceQuery } from "../../api/discover";
import type { CadencePoint, WatchedCamera } from "../../api/types";
import { ErrorBlank, Loading } from "../../shared/Blank";
import { useTimes } from "../../shared/time";
import { useSceneName, useSeconds } from "./marks";

const HOURS = [6, 24, 168] as const;
const [WIDTH, HEIGHT, LEFT, BOTTOM] = [440, 120, 40, 18] as const;

/** How often the camera was really looked at for each scene, against what was promised. */
export function CadenceCharts({ camera }: { camera: WatchedCamera }) {
  const { t } = useTranslation();
  const [hours, setHours] = useState<number>(24);
  const query = useQuery(cadenceQuery(camera.id, hours));
  const nameOf = useSceneName(camera.scenes);
  const scenes = [...new Set(query.data?.items.map((one) => one.scene))];
  return (
    <section className="di-part" aria-label={t("discover.cadence")}>
      <div className="di-part-head">
        <h2>{t("discover.cadence")}</h2>
        <label className="di-filter">{t("discover.back")}
          <select value={hours} onChange={(event) => setHours(Number(event.target.value))}>
            {HOURS.map((one) => <option key={one} value={one}>{t("discover.hours", { count: one })}</option>)}
          </select>
        </label>
      </div>
      {query.isPending ? <Loading rows={3} />
        : query.isError ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />
        : scenes.length === 0 ? <p className="sw-quiet" data-testid="cadence-empty">{t("discover.no_cadence")}</p>
        : scenes.map((scene) => (
          <Chart key={scene} name={nameOf(scene)} points={query.data.items.filter((one) => one.scene === scene)} start={Date.parse(query.data.start)} end={Date.parse(query.data.end)} />
        ))}
    </section>
  );
}

interface ChartProps { name: string; points: CadencePoint[]; start: number; end: number }

function Chart({ name, points, start, end }: ChartProps) {
  const { t } = useTranslation();
  const times = useTimes();
  const seconds = useSeconds();
  const promised = points.at(-1)!.promised;
  const reached = points.flatMap((one) => (one.reached === null ? [] : [one.reached]));
  const blind = points.filter((one) => one.reached === null).length;
  const shed = points.reduce((sum, one) => sum + one.shed, 0);
  const top = Math.max(promised * 2, ...reached);
  const x = (at: number): number => LEFT + ((at - start) / (end - start)) * (WIDTH - LEFT - 4);
  const y = (value: number): number => HEIGHT - BOTTOM - (value / top) * (HEIGHT - BOTTOM - 8);
  const words = [
    t("discover.promised", { n: seconds(promised) }),
    reached.length > 0 ? t("discover.longest", { n: seconds(Math.max(...reached)) }) : "",
    blind > 0 ? t("discover.stretches_blind", { count: blind }) : "",
    shed > 0 ? t("discover.shed", { count: shed }) : "",
  ].filter(Boolean).join(" · ");
  return (
    <figure className="di-chart" data-testid="cadence-chart">
      <figcaption>{name} <span className="sw-small sw-quiet sw-num">{words}</span></figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${name}: ${words}`}>
        {[promised, top].map((value) => <text key={value} x={LEFT - 6} y={y(value) + 4} className="di-axis di-end">{seconds(value)}</text>)}
        <path d={`M${LEFT} ${y(promised)}H${WIDTH - 4}`} stroke="var(--sw-text3)" strokeDasharray="4 3" />
        <path d={`M${LEFT} ${HEIGHT - BOTTOM}H${WIDTH - 4}`} stroke="var(--sw-line)" />
        {points.map((one) => {
          const left = x(Date.parse(one.at)), width = Math.max(1, x(Date.parse(one.at) + one.seconds * 1000) - left - 0.5);
          const late = one.reached === null || one.reached > one.promised * 1.5;
          const high = one.reached === null ? 8 : y(one.reached);
          return <rect key={one.at} x={left} y={high} width={width} height={HEIGHT - BOTTOM - high} fill={one.reached === null ? "var(--sw-red)" : late ? "var(--sw-amber)" : "var(--sw-text3)"} opacity={one.reached === null ? 0.25 : 0.7} />;
        })}
        <text x={LEFT} y={HEIGHT - 4} className="di-axis">{times.stamp(start)}</text>
        <text x={WIDTH - 4} y={HEIGHT - 4} className="di-axis di-end">{times.stamp(end)}</text>
      </svg>
    </figure>
  );
}
