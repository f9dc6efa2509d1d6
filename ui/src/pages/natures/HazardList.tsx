import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { hazardsQuery, PAGE } from "../../api/natures";
import { ErrorBlank, Loading } from "../../shared/Blank";
import { useTimes } from "../../shared/time";
import type { Question } from "./HazardMonths";
import { Pages } from "./Pages";

/** The hazards behind a number, newest first. */
export function HazardList({ area, question, onClose }: { area: string; question: Question; onClose: () => void }) {
  const { t } = useTranslation();
  const times = useTimes();
  const [offset, setOffset] = useState(0);
  const query = useQuery({ ...hazardsQuery({ area, ...question, offset }), placeholderData: (before) => before });
  const title = t("hazard.behind", {
    month: question.month.slice(0, 7), what: t(`hazard.what.${question.what}`), kind: question.kind ? t(`hazard.kind.${question.kind}`, { defaultValue: question.kind }) : t("hazard.all_kinds"),
  });
  return (
    <section className="na-behind" aria-label={title} data-testid="hazard-list">
      <header>
        <h2>{title}</h2>
        <Button size="small" onClick={onClose}>{t("hazard.close")}</Button>
      </header>
      {query.isPending ? <Loading rows={4} /> : query.isError ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} /> : (
        <>
          <div className="na-scroll">
            <table className="sw-table">
              <thead>
                <tr><th scope="col">{t("hazard.case")}</th><th scope="col">{t("hazard.kind_name")}</th><th scope="col">{t("hazard.now")}</th><th scope="col">{t("hazard.order")}</th></tr>
              </thead>
              <tbody>
                {query.data.items.map((one) => (
                  <tr key={one.case.id} data-testid="hazard-row">
                    <td className="sw-cut"><Link to={`/cases/${one.case.id}`}>{one.case.number}</Link> {one.case.title}</td>
                    <td>{t(`hazard.kind.${one.kind}`, { defaultValue: one.kind })}{one.level === "major" ? <span className="sw-red"> {t("hazard.level.major")}</span> : null}</td>
                    <td>{one.state ? t(`hazard.state.${one.state}`) : t("hazard.nothing")}</td>
                    <td className="sw-num">{one.number ?? t("hazard.nothing")}{one.rectify_by ? <span className={one.late ? "sw-red" : "sw-quiet"}> {times.stamp(one.rectify_by)}</span> : null}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <Pages offset={offset} size={PAGE} count={query.data.count} onGo={setOffset} />
        </>
      )}
    </section>
  );
}
