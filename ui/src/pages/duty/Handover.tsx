import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { handoverQuery, signHandover, type Handover } from "../../api/duty";
import { Blank, ErrorBlank, Loading, Sentence } from "../../shared/Blank";
import { useTimes } from "../../shared/time";
import { asProblem } from "../../api/problem";
import { Lines } from "./Log";
import { OpenItems } from "./OpenItems";
import { useDo } from "./useDo";
import "./duty.css";

/** One hand-over as it was signed: what was open, the log of its shift, and three names. */
export default function HandoverPage() {
  const { id = "" } = useParams();
  const { t } = useTranslation();
  const query = useQuery(handoverQuery(id));
  if (query.isPending) return <Loading rows={10} />;
  if (query.isError) {
    const { status } = asProblem(query.error);
    if (status === 404 || status === 422) return <Blank title={t("duty.missing")}><Link to="/duty" className="sw-link">{t("duty.back")}</Link></Blank>;
    return <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />;
  }
  return <Content view={query.data} />;
}

function Content({ view }: { view: Handover }) {
  const { t } = useTranslation();
  const times = useTimes();
  const sign = useDo((how: "take" | "read") => signHandover(view, how));
  const shift = view.from_at ? t("duty.shift", { from: times.stamp(view.from_at), to: times.stamp(view.given_at) }) : t("duty.shift_first", { to: times.stamp(view.given_at) });
  return (
    <div className="du-paper" data-testid="handover-page">
      <header className="du-paper-head">
        <Link to="/duty" className="sw-link">{t("duty.back")}</Link>
        <h1>{t("duty.handover")} <span className="sw-quiet sw-num">{shift}</span></h1>
      </header>
      <dl className="du-signed">
        <Signed what={t("duty.gave")} who={view.given_by?.name} at={view.given_at} />
        <Signed what={t("duty.took")} who={view.taken_by?.name} at={view.taken_at} />
        <Signed what={t("duty.leader_read")} who={view.read_by?.name} at={view.read_at} />
      </dl>
      <div className="du-fields">
        {view.may_take ? <Button type="primary" data-testid="handover-take" loading={sign.busy} onClick={() => sign.run("take")}>{t("duty.take")}</Button> : null}
        {view.may_read ? <Button type="primary" data-testid="handover-read" loading={sign.busy} onClick={() => sign.run("read")}>{t("duty.read")}</Button> : null}
      </div>
      {sign.refused ? <Sentence tone="red">{sign.refused}</Sentence> : null}
      {view.text ? <section className="du-part"><h2>{t("duty.remarks")}</h2><p className="du-text">{view.text}</p></section> : null}
      <section className="du-part">
        <h2>{t("duty.open.was")}</h2>
        <OpenItems groups={view.groups} signed />
      </section>
      <section className="du-part">
        <h2>{t("duty.log.of_shift")}</h2>
        {view.log.length === 0 ? <p className="sw-quiet">{t("duty.log.empty")}</p> : <Lines lines={view.log} />}
      </section>
    </div>
  );
}

function Signed({ what, who, at }: { what: string; who: string | undefined; at: string | null }) {
  const { t } = useTranslation();
  const times = useTimes();
  return (
    <div>
      <dt className="sw-small sw-quiet">{what}</dt>
      <dd>{who && at ? <>{who} <span className="sw-small sw-quiet sw-num">{times.stamp(at)}</span></> : <span className="sw-amber">{t("duty.unsigned")}</span>}</dd>
    </div>
  );
}
