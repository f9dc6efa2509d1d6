import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { WarnForecast } from "../../api/types";
import { forecastQuery, type Horizon } from "../../api/warn";
import { useArea } from "../../app/session";
import { Blank, ErrorBlank, Loading } from "../../shared/Blank";
import { setParam, useAddress } from "../../shared/params";
import { Head } from "./Head";
import { about } from "./words";

const HORIZONS: readonly Horizon[] = ["1", "7", "28"];

/** How many reports the next days bring, with how sure that is. */
export default function Forecast() {
  const { t } = useTranslation();
  const { area } = useArea();
  const [params, change] = useAddress();
  const days = HORIZONS.find((one) => one === params.get("days")) ?? "7";
  const query = useQuery({ ...forecastQuery(area.code, days), placeholderData: keepPreviousData });
  return (
    <div className="cs" data-testid="forecast-page">
      <h1 className="sw-hidden">{t("warn.forecast")}</h1>
      <Head night={query.data?.night} />
      <div className="cs-filters">
        <label className="wa-filter">{t("warn.horizon")}
          <select value={days} data-testid="forecast-days" onChange={(event) => change((now) => setParam(now, "days", event.target.value), { replace: true })}>
            {HORIZONS.map((one) => <option key={one} value={one}>{t(`warn.horizon_${one}`)}</option>)}
          </select>
        </label>
      </div>
      {query.isPending ? <Loading rows={6} />
        : query.isError ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />
        : query.data.items.length === 0 ? <Blank title={t("warn.forecast_none")} text={t("warn.forecast_none_text")} testId="forecast-empty" />
        : <Tables items={query.data.items} />}
    </div>
  );
}

const [WIDTH, HEIGHT] = [200, 16] as const;

type Item = WarnForecast["items"][number];

/** The whole street, and below it the grids: each on a scale of its own, or the street would leave its grids no room. */
function Tables({ items }: { items: Item[] }) {
  return (
    <div className="wa-one wa-scroll" data-testid="forecast-table">
      <Table title="warn.everywhere" items={items.filter(({ grid }) => !grid)} />
      <Table title="warn.grid" items={items.filter(({ grid }) => grid)} />
    </div>
  );
}

function Table({ title, items }: { title: string; items: Item[] }) {
  const { t } = useTranslation();
  if (items.length === 0) return null;
  // all classes together would leave each of them no room
  const drawn = items.filter(({ category }) => category);
  const top = Math.max(1, ...drawn.map(({ high }) => high));
  const x = (value: number): number => Math.min(1, value / top) * (WIDTH - 4) + 2;
  return (
    <section aria-label={t(title)}>
      <h2 className="wa-title">{t(title)}</h2>
      <table className="wa-table wa-forecast">
        <thead><tr>{["where", "category", "mean"].map((one) => <th key={one} scope="col">{t(`warn.${one}`)}</th>)}<th scope="col" colSpan={2}>{t("warn.range")}</th></tr></thead>
        <tbody>
          {items.map((one) => (
            <tr key={`${one.grid?.id ?? ""}/${one.category?.scheme ?? ""}/${one.category?.code ?? ""}`}>
              <th scope="row">{one.grid?.name ?? t("warn.everywhere")}</th>
              <td>{one.category?.name ?? t("warn.all_classes")}</td>
              <td className="sw-num">{t("warn.pieces", { n: about(one.mean) })}</td>
              <td className="sw-num">{about(one.low)}–{about(one.high)}</td>
              <td className="wa-bar">
                {one.category ? (
                  <svg width={WIDTH} height={HEIGHT} role="img" aria-label={t("warn.bar", { mean: about(one.mean), low: about(one.low), high: about(one.high) })}>
                    <path d={`M${x(one.low)} 8H${x(one.high)}`} stroke="var(--sw-text3)" strokeWidth="6" />
                    <path d={`M${x(one.mean)} 2v12`} stroke="var(--sw-text)" strokeWidth="2" />
                  </svg>
                ) : null}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
