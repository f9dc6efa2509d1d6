import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Select } from "antd";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { clocksQuery } from "../../api/clocks";
import { correctCase } from "../../api/desk";
import { asProblem, problemSentence } from "../../api/problem";
import { keys } from "../../api/queries";
import type { CaseClock, CaseClocks, CaseView, TimeRequest } from "../../api/types";
import { useCan } from "../../app/session";
import { useNow } from "../../shared/clock";
import { DueMark } from "../../shared/DueMark";
import { span, type Times } from "../../shared/time";
import { WhyNote } from "../../shared/Why";
import "./clocks.css";

interface Props { view: CaseView; times: Times }

/** Why is it due then? All clocks of a case, each with its steps, and what was asked for. */
export function Clocks({ view, times }: Props) {
  const { t } = useTranslation();
  const { data } = useQuery(clocksQuery(view.id));
  if (!data || data.clocks.length === 0) return null;
  return (
    <section className="ck" aria-label={t("clock.title")} data-testid="clocks">
      <h2>{t("clock.title")}</h2>
      {data.suspended_until ? <p className="sw-small sw-amber" data-testid="suspended-until">{t("clock.suspended_until", { at: times.stamp(data.suspended_until) })}</p> : null}
      <ul>
        {inOrder(data.clocks).map((clock) => <One key={clock.id} clock={clock} most={data.extensions_most} times={times} />)}
      </ul>
      {data.requests.map((request) => <Asked key={request.asked_at} request={request} times={times} />)}
      <Condition view={view} known={data} />
    </section>
  );
}

const service = new Set(["accept", "dispatch", "verify"]);
const ended = (clock: CaseClock): boolean => clock.state === "met" || clock.state === "late";

/** What binds the case first, then what else runs, and last what is over. */
function inOrder(clocks: CaseClock[]): CaseClock[] {
  const rank = (clock: CaseClock): number => (ended(clock) ? 2 : service.has(clock.kind) ? 1 : 0);
  return clocks.toSorted((a, b) => rank(a) - rank(b));
}

function One({ clock, most, times }: { clock: CaseClock; most: number; times: Times }) {
  const { t } = useTranslation();
  const now = useNow(20_000);
  const name = t(`clock.kind.${clock.kind}`, { number: clock.order_number ?? "", defaultValue: clock.kind });
  return (
    <li className="ck-one" data-testid={`clock-${clock.kind}`} data-state={clock.state}>
      <div className="ck-head">
        <span>{name}{clock.unit ? <span className="sw-small sw-quiet"> · {clock.unit}</span> : null}</span>
        <Standing clock={clock} now={now} />
      </div>
      {service.has(clock.kind) && ended(clock) ? null : <Steps clock={clock} most={most} times={times} />}
    </li>
  );
}

function Steps({ clock, most, times }: { clock: CaseClock; most: number; times: Times }) {
  const { t } = useTranslation();
  const facts = [
    clock.due_at ? times.until(clock.due_at) : "",
    clock.extended > 0 ? t("clock.extended", { count: clock.extended }) : "",
    clock.kind === "handle" && most > 0 && !ended(clock) ? t("clock.of_extensions", { most }) : "",
  ].filter(Boolean);
  return (
    <>
      <div className="sw-small sw-quiet sw-num">{facts.join(" · ")}</div>
      <WhyNote why={clock.why} stamp={times.stamp} />
    </>
  );
}

/** Of office time hours are said: a day of it is no day of the calendar. */
function still(t: TFunction, clock: CaseClock): string {
  if (clock.left_seconds === null) return t("clock.paused");
  if (clock.office_time) return t("clock.still_office", { hours: Math.round(clock.left_seconds / 360) / 10 });
  return t("clock.still", { span: span(t, clock.left_seconds * 1000) });
}

function Standing({ clock, now }: { clock: CaseClock; now: number }) {
  const { t } = useTranslation();
  if (clock.state === "running") return <DueMark row={clock} now={now} />;
  if (clock.state === "paused") return <span className="sw-mark sw-num">{still(t, clock)}</span>;
  return <span className={`sw-mark ${clock.state === "met" ? "sw-green" : "sw-red"}`}>{t(clock.state === "met" ? "clock.met" : "clock.late")}</span>;
}

function Asked({ request, times }: { request: TimeRequest; times: Times }) {
  const { t } = useTranslation();
  const at = request.until ? times.stamp(request.until) : "";
  return (
    <div className="ck-asked sw-small" data-testid="clock-request">
      <span>{t(`clock.asked.${request.kind}`, { at })}</span>
      <span className={request.state === "open" ? "sw-amber" : "sw-quiet"}>{t(`clock.answer.${request.state}`)}</span>
      {request.note ? <p className="sw-quiet">{request.note.text}</p> : null}
    </div>
  );
}

/** Which of the class's conditions it is shows on the spot: the limit belongs to that. */
function Condition({ view, known }: { view: CaseView; known: CaseClocks }) {
  const { t } = useTranslation();
  const can = useCan();
  const client = useQueryClient();
  const pick = useMutation({
    mutationFn: (condition: string) => correctCase(view.id, known.version, { condition, settled: [] }),
    onSettled: () => void client.invalidateQueries({ queryKey: keys.case(view.id) }),
  });
  if (known.conditions.length < 2) return null;
  const words = ({ text, limit }: CaseClocks["conditions"][number]): string =>
    limit ? t("clock.condition_limit", { text, value: limit["value"], unit: t(`limit_unit.${String(limit["unit"])}`) }) : text;
  return (
    <label className="ck-condition">
      <span className="sw-small sw-quiet">{t("clock.condition")}</span>
      <Select size="small" value={known.condition ?? undefined} placeholder={t("clock.condition_unknown")} loading={pick.isPending}
        disabled={!can("case.correct") || view.state === "closed"} data-testid="condition-pick"
        options={known.conditions.map((one) => ({ value: one.code, label: words(one) }))} onChange={(code: string) => pick.mutate(code)} />
      {pick.error ? <span className="sw-small sw-red" role="alert">{problemSentence(t, asProblem(pick.error))}</span> : null}
    </label>
  );
}
