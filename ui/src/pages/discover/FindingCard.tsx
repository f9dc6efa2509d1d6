import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { judge, pictureUrl } from "../../api/discover";
import type { Finding, VerdictBody } from "../../api/types";
import { Sentence } from "../../shared/Blank";
import { isState, StateMark } from "../../shared/StateMark";
import { useTimes } from "../../shared/time";
import { FindingMark } from "./marks";
import { useChange } from "./useChange";

const WRONG = ["nothing", "other_thing", "allowed", "outside", "too_short", "picture"] as const;

/** One finding: where, since when, its masked pictures side by side, its case, and the verdict. */
export function FindingCard({ finding, scene, withCamera = true }: { finding: Finding; scene: string; withCamera?: boolean }) {
  const { t } = useTranslation();
  const times = useTimes();
  return (
    <article className="di-card" data-testid="finding" aria-label={`${scene} ${finding.camera}`}>
      <header className="di-card-head">
        <h2>{scene}</h2>
        <FindingMark finding={finding} />
        {finding.case && isState(finding.case.state)
          ? <Link to={`/cases/${finding.case.id}`} className="di-case sw-num" data-testid="finding-case">{finding.case.number} <StateMark state={finding.case.state} /></Link>
          : <span className="sw-small sw-quiet">{t("discover.no_case")}</span>}
      </header>
      <p className="sw-small sw-quiet sw-num">
        {withCamera ? <Link to={`/cameras/${finding.camera_id}`} className="di-link">{finding.camera}</Link> : null}
        {withCamera ? " · " : ""}{finding.zone} · {t("discover.from", { at: times.stamp(finding.opened_at) })}
        {" · "}{finding.cleared_at ? t("discover.until", { at: times.stamp(finding.cleared_at) }) : t("discover.seen_at", { at: times.stamp(finding.seen_at) })}
        {" · "}{t("discover.sure", { percent: Math.round(finding.score * 100) })}
      </p>
      {finding.pictures.length > 0 ? (
        <div className="di-pictures">
          {finding.pictures.map((one) => (
            <figure key={one.moment}>
              <img src={pictureUrl(finding, one.moment)} width={one.width} height={one.height} loading="lazy" alt={t(`discover.moment.${one.moment}`)} />
              <figcaption className="sw-small sw-quiet sw-num">{t(`discover.moment.${one.moment}`)} · {times.stamp(one.at)} · {t(`discover.how.${one.how}`)}</figcaption>
            </figure>
          ))}
        </div>
      ) : <p className="sw-small sw-quiet">{t("discover.no_pictures")}</p>}
      <Verdict finding={finding} />
    </article>
  );
}

/** Right, or wrong and why: what thresholds are set by later. */
function Verdict({ finding }: { finding: Finding }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const { run, busy, refused } = useChange((body: VerdictBody) => judge(finding, body), () => setAsking(false));
  const said = finding.verdict === null ? null
    : finding.verdict === "right" ? t("discover.said_right", { by: finding.judged_by })
    : t("discover.said_wrong", { by: finding.judged_by, why: t(`discover.wrong.${finding.reason}`) });
  return (
    <div className="di-verdict">
      {said ? <span className="sw-small sw-quiet" data-testid="verdict-said">{said}</span> : null}
      {finding.may_judge && !asking ? (
        <>
          <Button size="small" loading={busy} disabled={finding.verdict === "right"} data-testid="verdict-right" onClick={() => run({ verdict: "right" })}>{t("discover.right")}</Button>
          <Button size="small" data-testid="verdict-wrong" onClick={() => setAsking(true)}>{t("discover.is_wrong")}</Button>
        </>
      ) : null}
      {asking ? (
        <fieldset className="di-wrong">
          <legend className="sw-small">{t("discover.wrong_why")}</legend>
          {WRONG.map((one) => <Button key={one} size="small" disabled={busy} data-testid={`wrong-${one}`} onClick={() => run({ verdict: "wrong", reason: one })}>{t(`discover.wrong.${one}`)}</Button>)}
          <Button size="small" type="text" onClick={() => setAsking(false)}>{t("common.cancel")}</Button>
        </fieldset>
      ) : null}
      {refused ? <Sentence tone="red">{refused}</Sentence> : null}
    </div>
  );
}
