import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { flowBehindQuery, type EdgeAsked, type FlowCut } from "../../api/flow";
import { ErrorBlank, Loading } from "../../shared/Blank";
import { StateMark } from "../../shared/StateMark";
import { useTimes } from "../../shared/time";
import { duration } from "./words";

/** The cases behind an edge, those that had waited longest first. */
export function EdgeCases({ cut, edge, onClose }: { cut: FlowCut; edge: EdgeAsked; onClose: () => void }) {
  const { t } = useTranslation();
  const times = useTimes();
  const query = useQuery(flowBehindQuery(cut, edge));
  const from = edge.source ? t(`state.${edge.source}`) : t("flow.start");
  const title = t("flow.behind_title", { from, to: t(`state.${edge.target}`) });
  return (
    <section className="fl-behind" aria-label={title} data-testid="flow-behind">
      <header>
        <h2>{title}</h2>
        <Button size="small" onClick={onClose}>{t("flow.close")}</Button>
      </header>
      {query.isPending ? <Loading rows={4} /> : query.isError ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} /> : (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- wide tables are scrolled by keys too
        <div className="fl-scroll" tabIndex={0} role="region" aria-label={title}>
          <table className="sw-table">
            <thead>
              <tr>
                <th scope="col">{t("flow.case")}</th>
                <th scope="col">{t("flow.now")}</th>
                <th scope="col">{t("flow.at")}</th>
                <th scope="col" className="fl-n">{t("flow.waited")}</th>
              </tr>
            </thead>
            <tbody>
              {query.data.items.map((one) => (
                <tr key={`${one.id} ${one.at}`} data-testid="flow-behind-row">
                  <td className="sw-cut"><Link to={`/cases/${one.id}`}>{one.number}</Link> {one.title}</td>
                  <td><StateMark state={one.state} /></td>
                  <td className="sw-num">{times.stamp(one.at)}</td>
                  <td className="fl-n sw-num">{duration(t, one.waited)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {query.data.more ? <p className="sw-quiet sw-small">{t("flow.more")}</p> : null}
        </div>
      )}
    </section>
  );
}
