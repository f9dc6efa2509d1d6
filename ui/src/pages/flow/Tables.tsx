import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { EdgeAsked, Flow, FlowEdge, FlowLine } from "../../api/flow";
import { StateMark } from "../../shared/StateMark";
import { duration } from "./words";

/** A number, and what it was in the period beside it. */
function Pair({ now, before }: { now: ReactNode; before: ReactNode | undefined }) {
  const { t } = useTranslation();
  return (
    <td className="fl-n sw-num">
      {now}
      {before === undefined ? null : <span className="sw-quiet sw-small"> {t("flow.was", { n: before })}</span>}
    </td>
  );
}

function Region({ label, children }: { label: string; children: ReactNode }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- wide tables are scrolled by keys too
    <div className="fl-scroll" tabIndex={0} role="region" aria-label={label}>
      {children}
    </div>
  );
}

const same = (a: FlowEdge, b: FlowEdge): boolean => a.source === b.source && a.target === b.target && a.action === b.action;

/** What the drawing shows, to be read line by line. */
export function Edges({ flow, against, onAsk }: { flow: Flow; against: Flow | null; onAsk: (edge: EdgeAsked) => void }) {
  const { t } = useTranslation();
  return (
    <Region label={t("flow.edges")}>
      <table className="sw-table fl-table" data-testid="flow-edges">
        <thead>
          <tr>
            <th scope="col">{t("flow.from")}</th>
            <th scope="col">{t("flow.step")}</th>
            <th scope="col">{t("flow.to")}</th>
            <th scope="col" className="fl-n">{t("flow.times")}</th>
            <th scope="col" className="fl-n">{t("flow.waited")}</th>
            <th scope="col" className="fl-n">{t("flow.p90")}</th>
          </tr>
        </thead>
        <tbody>
          {flow.edges.map((one) => {
            const was = against?.edges.find((other) => same(one, other));
            const action = t(`flow.action.${one.action}`, { defaultValue: one.action });
            return (
              <tr key={`${one.source ?? ""} ${one.action} ${one.target}`} data-testid="flow-edge">
                <td>{one.source ? <StateMark state={one.source} /> : t("flow.start")}</td>
                <td>
                  <button type="button" className="sw-plain sw-link" onClick={() => onAsk({ source: one.source, target: one.target, action: one.action })}>{action}</button>
                </td>
                <td><StateMark state={one.target} /></td>
                <Pair now={one.count} before={against ? (was?.count ?? 0) : undefined} />
                <Pair now={duration(t, one.median)} before={against ? duration(t, was?.median) : undefined} />
                <td className="fl-n sw-num">{duration(t, one.p90)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Region>
  );
}

const BOUNCES = ["returned", "reassigned", "ping_pong", "reopened", "sent_back"] as const;

/** How often cases bounce and go round, as shares of all. */
export function Bounces({ flow, against }: { flow: Flow; against: Flow | null }) {
  const { t } = useTranslation();
  const share = (of: Flow, name: (typeof BOUNCES)[number]): string => (of.cases ? `${((of.bounces[name] / of.cases) * 100).toFixed(1)}%` : t("flow.nothing"));
  return (
    <dl className="fl-bounces" data-testid="flow-bounces">
      {BOUNCES.map((name) => (
        <div key={name}>
          <dt className="sw-quiet sw-small">{t(`flow.bounce.${name}`)}</dt>
          <dd className="sw-num">
            <strong>{share(flow, name)}</strong> <span className="sw-small sw-quiet">{t("flow.of_cases", { n: flow.bounces[name] })}</span>
            {against ? <span className="sw-small sw-quiet"> {t("flow.was", { n: share(against, name) })}</span> : null}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** The ways through the loop that most cases take. */
export function Ways({ flow }: { flow: Flow }) {
  const { t } = useTranslation();
  return (
    <ol className="fl-ways">
      {flow.ways.map((way) => (
        <li key={way.states.join()}>
          <span className="sw-num fl-share">{((way.cases / Math.max(1, flow.cases)) * 100).toFixed(0)}%</span>
          <span>{way.states.map((state) => t(`state.${state}`)).join(" → ")}</span>
        </li>
      ))}
      {flow.other_ways ? <li className="sw-quiet">{t("flow.other_ways", { n: flow.other_ways })}</li> : null}
    </ol>
  );
}

/** Units or classes: how many cases, how long, how often they bounced. */
export function Lines({ of, lines, against, onCut }: { of: "unit" | "class"; lines: FlowLine[]; against: FlowLine[] | null; onCut: (key: string) => void }) {
  const { t } = useTranslation();
  return (
    <Region label={t(`flow.by.${of}`)}>
      <table className="sw-table fl-table" data-testid={`flow-${of}`}>
        <thead>
          <tr>
            <th scope="col">{t(`flow.name.${of}`)}</th>
            <th scope="col" className="fl-n">{t("flow.cases")}</th>
            <th scope="col" className="fl-n">{t(`flow.median.${of}`)}</th>
            <th scope="col" className="fl-n">{t("flow.p90")}</th>
            {(["returned", "reassigned", "reopened", "sent_back"] as const).map((name) => <th key={name} scope="col" className="fl-n">{t(`flow.bounce.${name}`)}</th>)}
          </tr>
        </thead>
        <tbody>
          {lines.map((one) => {
            const was = against?.find((other) => other.key === one.key);
            const key = one.key;
            return (
              <tr key={key ?? "-"}>
                <th scope="row" className="sw-cut">{key ? <button type="button" className="sw-plain sw-link" onClick={() => onCut(key)}>{one.name ?? key}</button> : t("flow.none")}</th>
                <Pair now={one.cases} before={against ? (was?.cases ?? 0) : undefined} />
                <Pair now={duration(t, one.median)} before={against ? duration(t, was?.median) : undefined} />
                <td className="fl-n sw-num">{duration(t, one.p90)}</td>
                <td className="fl-n sw-num">{one.returned}</td>
                <td className="fl-n sw-num">{one.reassigned}</td>
                <td className="fl-n sw-num">{one.reopened}</td>
                <td className="fl-n sw-num">{one.sent_back}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Region>
  );
}
