import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { incidentQuery, type Incident } from "../../api/duty";
import { ErrorBlank, Loading } from "../../shared/Blank";
import { useTimes } from "../../shared/time";
import "../case/letter.css";
import "./duty.css";

/** The reports of an incident as a document (突发事件信息专报), to be printed. */
export default function IncidentPaper() {
  const { id = "" } = useParams();
  const { t } = useTranslation();
  const query = useQuery(incidentQuery(id));
  if (query.isError) return <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Loading rows={10} />;
  return (
    <div className="lt" data-testid="incident-paper-page">
      <header className="lt-head">
        <Link to={`/cases/${query.data.case.id}`} className="sw-link">{t("incident.back", { number: query.data.case.number })}</Link>
        <span className="sw-small sw-quiet">{t("incident.paper_hint")}</span>
        <Button type="primary" onClick={() => window.print()}>{t("incident.do_print")}</Button>
      </header>
      <Paper one={query.data} />
    </div>
  );
}

const LEVEL = ["", "特别重大", "重大", "较大", "一般"];
const KIND = { first: "首报", follow_up: "续报", final: "终报" } as const;
const WHOM = { leader_on_duty: "带班领导", commander: "街道指挥长", district_duty: "区总值班室", district_bureau: "区主管部门" } as const;

/** The document itself is in Chinese, whatever language the officer's screen speaks. */
function Paper({ one }: { one: Incident }) {
  const times = useTimes();
  return (
    <article className="lt-paper" lang="zh-CN" data-testid="incident-paper">
      <p className="lt-office">{one.street}</p>
      <h1>突发事件信息报告</h1>
      <p className="lt-number">事件编号 {one.case.number} · {LEVEL[one.level]}</p>
      <p className="lt-line">事件：{one.case.title}</p>
      <p className="lt-line">地点：{one.case.place_text ?? "待核实"}</p>
      <p className="lt-line">发生时间：{times.stamp(one.happened_at)}；知悉时间：{times.stamp(one.known_at)}{one.over_at ? `；处置结束：${times.stamp(one.over_at)}` : ""}</p>
      {one.reports.filter((report) => report.text).map((report) => (
        <section key={report.id}>
          <h2 className="du-paper-part">{KIND[report.kind]}{report.kind === "follow_up" ? `（${report.n - 1}）` : ""}</h2>
          {(report.text ?? "").split("\n").filter((line) => line.trim()).map((line, index) => <p key={`${report.id} ${index}`} className="lt-line">{line}</p>)}
          <p className="lt-line du-paper-told">
            已报：{report.tells.filter((tell) => tell.told_at).map((tell) => `${WHOM[tell.recipient]}（${tell.way === "phone" ? "电话" : "书面"}，${times.stamp(tell.told_at ?? "")}）`).join("、") || "无"}
          </p>
        </section>
      ))}
      <footer className="lt-foot"><p>{one.street}</p></footer>
    </article>
  );
}
