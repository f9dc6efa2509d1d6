import type { TFunction } from "i18next";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { systemQuery, type SystemState } from "../../api/system";
import { ErrorBlank, Loading, Sentence } from "../../shared/Blank";
import { span, useTimes } from "../../shared/time";
import { Letters } from "./Letters";
import "../../shared/table.css";
import "../vault/vault.css";
import "./system.css";

/** The installation for its administrator: the queue, what was given up, the seals, space. */
export default function System() {
  const { t } = useTranslation();
  const query = useQuery(systemQuery);
  return (
    <div className="va">
      <header>
        <h1>{t("system.title")}</h1>
        <p className="sw-quiet">{t("system.intro")}</p>
      </header>
      {query.isPending ? <Loading rows={8} />
        : query.isError && !query.data ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />
        : (
          <>
            <Numbers at={query.data} />
            <Letters letters={query.data.letters} />
            <Deliveries at={query.data} />
            <Periodic at={query.data} />
          </>
        )}
    </div>
  );
}

const STATES = ["waiting", "running", "retrying", "failed"] as const;
const GIB = 2 ** 30;
const MIB = 2 ** 20;
const MINUTE = 60;
/** Below this share of the disk there is something to do. */
const LITTLE = 0.1;

function Numbers({ at }: { at: SystemState }) {
  const { t, i18n } = useTranslation();
  const times = useTimes();
  const whole = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 0 });
  const size = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 });
  const space = (bytes: number): string => (bytes < GIB ? `${whole.format(bytes / MIB)} MiB` : `${size.format(bytes / GIB)} GiB`);
  const tight = at.disk_free_bytes < at.disk_bytes * LITTLE;
  const { seal } = at;
  return (
    <section className="va-part sw-panel" aria-label={t("system.state")}>
      <dl className="sy-numbers">
        {STATES.map((state) => (
          <div key={state}>
            <dt className="sw-small sw-quiet">{t(`system.jobs_${state}`)}</dt>
            <dd className={`va-number sw-num${state === "failed" && at.jobs.failed > 0 ? " sw-red" : ""}`} data-testid={`jobs-${state}`}>{whole.format(at.jobs[state])}</dd>
          </div>
        ))}
        <div>
          <dt className="sw-small sw-quiet">{t("system.workers")}</dt>
          <dd className="va-number sw-num">{whole.format(at.jobs.workers)}</dd>
        </div>
        <div>
          <dt className="sw-small sw-quiet">{t("system.database")}</dt>
          <dd className="va-number sw-num">{space(at.database_bytes)}</dd>
        </div>
        <div>
          <dt className="sw-small sw-quiet">{t("system.disk")}</dt>
          <dd className="va-number sw-num">{space(at.disk_free_bytes)}</dd>
        </div>
      </dl>
      {at.jobs.workers === 0 ? <Sentence tone="red">{t("system.no_worker")}</Sentence> : null}
      {tight ? <Sentence tone="amber">{t("system.disk_tight", { total: space(at.disk_bytes) })}</Sentence> : null}
      <p data-testid="seal">
        {seal.sealed_at
          ? t("system.sealed", { number: whole.format(seal.number), last: whole.format(seal.last), at: times.stamp(seal.sealed_at), unsealed: whole.format(seal.unsealed) })
          : t("system.not_sealed", { unsealed: whole.format(seal.unsealed) })}
      </p>
      <p className="sw-small sw-quiet">{t("system.versions", { version: at.version, database: at.database_version })}</p>
    </section>
  );
}

/** Also less than a minute, which a deadline never says. */
function every(t: TFunction, seconds: number): string {
  return seconds < MINUTE ? t("time.seconds", { count: seconds }) : span(t, seconds * 1000);
}

function Periodic({ at }: { at: SystemState }) {
  const { t } = useTranslation();
  const times = useTimes();
  return (
    <section className="va-part sw-panel" aria-label={t("system.periodic")}>
      <h2>{t("system.periodic")}</h2>
      <div className="va-scroll">
        <table className="sw-table">
          <thead>
            <tr>
              <th scope="col">{t("system.job")}</th>
              <th scope="col">{t("system.every")}</th>
              <th scope="col">{t("system.came")}</th>
            </tr>
          </thead>
          <tbody>
            {at.periodic.map((one) => (
              <tr key={one.name} data-testid="periodic">
                <td>{t(`job.${one.name}`, { defaultValue: one.name })}</td>
                <td className="sw-num">{every(t, one.every_seconds)}</td>
                <td className="sw-num">{one.came_at ? times.stamp(one.came_at) : t("system.never")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** Notifications that have not gone out: how many, by channel; what they say is their readers' own. */
function Deliveries({ at }: { at: SystemState }) {
  const { t } = useTranslation();
  if (at.deliveries.length === 0) return null;
  return (
    <section className="va-part sw-panel" data-testid="deliveries">
      <h2>{t("system.deliveries")}</h2>
      <ul className="sy-deliveries">
        {at.deliveries.map(({ channel, state, number }) => (
          <li key={`${channel} ${state}`} className={state === "failed" ? "sw-red" : undefined}>
            {t("system.delivery", { channel: t(`system.channel.${channel}`), state: t(`system.delivery_state.${state}`), number })}
          </li>
        ))}
      </ul>
    </section>
  );
}
