import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { problemSentence } from "../../api/problem";
import type { PreventiveTask, WarnRounds } from "../../api/types";
import { agree, roundsQuery, warnKeys } from "../../api/warn";
import { useArea, useCan } from "../../app/session";
import { Blank, ErrorBlank, Loading, Sentence } from "../../shared/Blank";
import { Head } from "./Head";
import { about, useDay } from "./words";

/** Preventive rounds: where to look before anybody complains, and how that went of late. */
export default function Rounds() {
  const { t } = useTranslation();
  const { area } = useArea();
  const query = useQuery(roundsQuery(area.code));
  const data = query.data;
  return (
    <div className="cs" data-testid="rounds-page">
      <h1 className="sw-hidden">{t("warn.rounds")}</h1>
      <Head night={data?.night} />
      {query.isPending ? <Loading rows={6} />
        : query.isError ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />
        : <div className="wa-one"><Score score={query.data.score} /><List data={query.data} /></div>}
    </div>
  );
}

function Score({ score }: { score: WarnRounds["score"] }) {
  const { t } = useTranslation();
  const numbers: [string, string, string?][] = [
    ["score_share", percent(score.share?.share) ?? t("warn.score_none"), score.share ? shareWords(score.share) : undefined],
    ["score_agreed", String(score.agreed)],
    ["score_mended", String(score.mended)],
    ["score_nothing", String(score.nothing)],
    ["score_effect", String(score.came), t("warn.score_effect_text", { expected: about(score.expected) })],
  ];
  return (
    <>
    <section className="wa-score" aria-label={t("warn.score")} data-testid="rounds-score">
      <span className="sw-quiet">{t("warn.score")}</span>
      {numbers.map(([name, value, more]) => (
        <div key={name}><span className="sw-small sw-quiet">{t(`warn.${name}`)}</span><b className="sw-num">{value}</b>{more ? <span className="sw-small sw-quiet sw-num">{more}</span> : null}</div>
      ))}
    </section>
    {score.shares.length > 1 ? (
      <details className="wa-shares" data-testid="rounds-shares">
        <summary className="sw-small sw-quiet">{t("warn.score_shares")}</summary>
        <div className="wa-scroll">
        <table className="wa-table sw-num">
          <thead><tr><th scope="col">{t("warn.category")}</th><th scope="col">{t("warn.score_share")}</th><th scope="col">{t("warn.range")}</th><th scope="col">{t("warn.score_first")}</th><th scope="col">{t("warn.score_complained")}</th></tr></thead>
          <tbody>{score.shares.map((one) => (
            <tr key={`${one.category?.scheme}:${one.category?.code}`}>
              <th scope="row">{one.category?.name}</th><td>{percent(one.share) ?? t("warn.score_none")}</td><td>{one.share === null ? "—" : `${percent(one.low)}–${percent(one.high)}`}</td><td>{one.prevented}</td><td>{one.complaints}</td>
            </tr>
          ))}</tbody>
        </table>
        </div>
      </details>
    ) : null}
    <Effect effect={score.effect} />
    </>
  );

  function shareWords(share: Share): string {
    const counts = t("warn.score_share_text", { mended: share.prevented, reports: share.complaints });
    return share.share === null ? counts : `${t("warn.score_share_range", { low: percent(share.low), high: percent(share.high) })} · ${counts}`;
  }
}

type Share = NonNullable<WarnRounds["score"]["share"]>;

const percent = (share: number | null | undefined): string | null => (typeof share === "number" ? `${(share * 100).toFixed(1)}%` : null);
/** What visits changed: a figure only where there are enough of them and a visit that never was changes nothing. */
function Effect({ effect }: { effect: WarnRounds["score"]["effect"] }) {
  const { t } = useTranslation();
  const change = (share: number | null): string => {
    const whole = Math.round((share ?? 0) * 100);
    return share === null ? "—" : whole === 0 ? t("warn.as_many") : t(whole < 0 ? "warn.fewer" : "warn.more_by", { percent: Math.abs(whole) });
  };
  const enough = effect && effect.visits >= effect.visits_least && effect.reports_before >= effect.reports_least;
  return (
    <p className="wa-effect" data-testid="rounds-effect" data-believable={effect?.believable ?? false}>
      <span className="sw-quiet">{t("warn.effect")}</span>{" "}
      {effect?.believable ? <b className="sw-num">{t("warn.effect_change", { change: change(effect.change), low: change(effect.low), high: change(effect.high) })}</b>
        : enough ? t("warn.effect_unfair") : effect ? t("warn.effect_few", { visits: effect.visits, least: effect.visits_least }) : t("warn.effect_none")}{" "}
      <span className="sw-small sw-quiet sw-num">{enough ? t("warn.effect_placebo", { visits: effect.visits, placebo: change(effect.placebo), low: change(effect.placebo_low), high: change(effect.placebo_high) }) : t("warn.effect_text")}</span>
    </p>
  );
}

function List({ data }: { data: WarnRounds }) {
  const { t } = useTranslation();
  const day = useDay();
  const can = useCan();
  if (data.items.length === 0 || !data.day) return <Blank title={t("warn.rounds_none")} text={t("warn.rounds_none_text")} testId="rounds-empty" />;
  return (
    <section aria-label={t("warn.rounds")}>
      <header className="wa-title">
        <h2>{t("warn.rounds_title", { day: day(data.day) })}</h2>
        <span className="sw-small sw-quiet">{can("preventive.agree") ? t("warn.agreeing") : t("warn.only_commander")}</span>
      </header>
      <div className="wa-scroll">
        <table className="wa-table wa-rounds">
          <thead>
            <tr>
              {["rank", "grid", "category"].map((one) => <th key={one} scope="col">{t(`warn.${one}`)}</th>)}
              <th scope="col">{t("warn.expected_days", { days: data.items[0]!.days })}</th>
              {["recent", "why"].map((one) => <th key={one} scope="col">{t(`warn.${one}`)}</th>)}
              <th scope="col"><span className="sw-hidden">{t("warn.agree")}</span></th>
            </tr>
          </thead>
          <tbody>{data.items.map((one) => <Task key={one.id} task={one} />)}</tbody>
        </table>
      </div>
    </section>
  );
}

function Task({ task }: { task: PreventiveTask }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { area } = useArea();
  const change = useMutation({
    mutationFn: () => agree(task),
    // what was answered is shown at once; the list behind it follows
    onSuccess: (said) => client.setQueryData<WarnRounds>(roundsQuery(area.code).queryKey, (old) => old && { ...old, items: old.items.map((one) => (one.id === said.id ? said : one)) }),
    onSettled: () => client.invalidateQueries({ queryKey: warnKeys.all }),
  });
  return (
    <tr data-testid="round" data-state={task.state}>
      <td className="sw-num">{task.rank}</td>
      <th scope="row">{task.grid?.name ?? "—"}</th>
      <td>{task.category.name}</td>
      <td className="sw-num" data-label={t("warn.expected_days", { days: task.days })}>{t("warn.pieces", { n: about(task.expected) })}</td>
      <td className="sw-num" data-label={t("warn.recent")}>{t("warn.pieces", { n: task.recent })}</td>
      <td>{t(`warn.driver.${task.driver}`, { defaultValue: task.driver })}</td>
      <td>
        {task.may_agree ? <Button size="small" type="primary" loading={change.isPending} data-testid="round-agree" onClick={() => change.mutate()}>{t("warn.agree")}</Button> : null}
        {task.state === "agreed" ? <Agreed task={task} /> : null}
        {change.error ? <Sentence tone="red">{problemSentence(t, change.error)}</Sentence> : null}
      </td>
    </tr>
  );
}

function Agreed({ task }: { task: PreventiveTask }) {
  const { t } = useTranslation();
  return (
    <span className="wa-agreed" data-testid="round-agreed">
      {task.agreed_by ? t("warn.agreed_by", { by: task.agreed_by }) : null}
      {task.case ? <Link to={`/cases/${task.case.id}`} className="wa-link sw-num">{task.case.number}</Link> : <span className="sw-quiet">{t("warn.waits_case")}</span>}
      {task.case && task.result ? <span className="sw-small sw-quiet">{t(`warn.result.${task.result}`)}</span> : null}
    </span>
  );
}
