import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { behindQuery, type ScoreFilter } from "../../api/scores";
import { ErrorBlank, Loading } from "../../shared/Blank";
import { useTimes } from "../../shared/time";

/** Which number: of a rate (none: what is left out), of one group or of all. */
export interface Question { rate: string | null; key: string | undefined; name: string }

/** The cases behind a number, those that count least first. */
export function Behind({ filter, question, onClose }: { filter: ScoreFilter; question: Question; onClose: () => void }) {
  const { t } = useTranslation();
  const times = useTimes();
  const query = useQuery(behindQuery({ ...filter, rate: question.rate, key: question.key }));
  const month = filter.month ?? "";
  const title = question.rate === null
    ? t("scores.excluded_title", { month })
    : t("scores.behind_title", { name: question.name, rate: t(`scores.rate.${question.rate}`), month });
  return (
    <section className="sc-behind" aria-label={title} data-testid="behind">
      <header>
        <h2>{title}</h2>
        <Button size="small" onClick={onClose}>{t("scores.close")}</Button>
      </header>
      {query.isPending ? <Loading rows={4} /> : query.isError ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} /> : (
        <>
          <table className="sw-table">
            <thead>
              <tr>
                <th scope="col">{t("scores.case")}</th>
                <th scope="col">{t("scores.order")}</th>
                <th scope="col">{t("scores.at")}</th>
                <th scope="col">{t(question.rate === null ? "scores.excluded" : "scores.counts")}</th>
              </tr>
            </thead>
            <tbody>
              {query.data.items.map((one) => (
                <tr key={`${one.id}${one.order ?? ""}${one.why ?? ""}`} data-testid="behind-row">
                  <td className="sw-cut"><Link to={`/cases/${one.id}`}>{one.number}</Link> {one.title}</td>
                  <td className="sw-num">{one.order ?? t("scores.nothing")}</td>
                  <td className="sw-num">{times.stamp(one.at)}</td>
                  <td className="sw-num">{one.why === null ? one.value : t(`scores.why.${one.why.replace("outcome:", "")}`, { defaultValue: one.why })}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {query.data.items.length === 0 ? <p className="sw-quiet sw-small">{t("scores.nothing")}</p> : null}
          {query.data.more ? <p className="sw-quiet sw-small">{t("scores.more")}</p> : null}
        </>
      )}
    </section>
  );
}
