import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { clocksQuery } from "../../api/clocks";
import { caseQuery } from "../../api/queries";
import type { CaseView } from "../../api/types";
import { ErrorBlank, Loading } from "../../shared/Blank";
import { entryActor, entryWords } from "../../shared/entry";
import { useTimes, type Times } from "../../shared/time";
import "./print.css";

/** A case on paper, as it stands: masked, with all that was told, done and noted. */
export default function Print() {
  const { id = "" } = useParams();
  const { t } = useTranslation();
  const query = useQuery(caseQuery(id));
  if (query.error) return <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Loading rows={10} />;
  return (
    <div className="pt" data-testid="print-page">
      <header className="pt-head">
        <Link to={`/cases/${id}`} className="sw-link">{t("views.print.back", { number: query.data.number })}</Link>
        <span className="sw-small sw-quiet">{t("views.print.hint")}</span>
        <Button type="primary" onClick={() => window.print()}>{t("views.print.do")}</Button>
      </header>
      <Paper view={query.data} />
    </div>
  );
}

function Paper({ view }: { view: CaseView }) {
  const { t } = useTranslation();
  const times = useTimes(view.timezone);
  const clocks = useQuery(clocksQuery(view.id)).data?.clocks ?? [];
  const facts: [string, string | null | undefined][] = [
    ["state", t(`state.${view.state}`)],
    ["place", view.place_text],
    ["category", view.category?.name],
    ["unit", view.unit?.name],
    ["opened", times.stamp(view.opened_at)],
    ["due", view.due_at ? times.stamp(view.due_at) : null],
  ];
  return (
    <article className="pt-paper" data-testid="print-paper">
      <h1>{view.title} <span className="sw-num">{view.number}</span></h1>
      <dl className="pt-facts">
        {facts.map(([name, value]) => <div key={name}><dt>{t(`views.print.${name}`)}</dt><dd>{value ?? "—"}</dd></div>)}
      </dl>
      <h2>{t("views.print.signals")}</h2>
      {view.signals.map((one) => (
        <section key={one.id} className="pt-one">
          <p className="pt-when sw-num">{times.stamp(one.reported_at)} {one.channel ?? one.source.name} {one.upstream_key}</p>
          <p>{one.text ?? one.title}</p>
        </section>
      ))}
      {clocks.length > 0 ? <h2>{t("views.print.clocks")}</h2> : null}
      {clocks.map((one) => (
        <p key={one.id} className="pt-when">
          {t(`clock.kind.${one.kind}`, { number: one.order_number ?? "", defaultValue: one.kind })} {one.unit}{" "}
          <span className="sw-num">{one.due_at ? times.stamp(one.due_at) : "—"}</span> {t(`views.print.clock.${one.state}`)}
        </p>
      ))}
      <h2>{t("views.print.story")}</h2>
      <Told view={view} times={times} />
    </article>
  );
}

function Told({ view, times }: { view: CaseView; times: Times }) {
  const { t } = useTranslation();
  return (
    <table className="pt-story">
      <tbody>
        {view.timeline.map((entry) => (
          <tr key={entry.seq}>
            <td className="sw-num">{times.stamp(entry.at)}</td>
            <td>{entryWords(t, entry)}{entry.note ? <p>{entry.note.text}</p> : null}</td>
            <td>{entryActor(t, entry)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
