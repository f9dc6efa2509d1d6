import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { answersQuery } from "../../api/answers";
import { actOnOrder, orderLists } from "../../api/orders";
import { asProblem, problemSentence } from "../../api/problem";
import type { CaseView, Order, OrderAction } from "../../api/types";
import { useCan } from "../../app/session";
import { Sentence } from "../../shared/Blank";
import { useNow } from "../../shared/clock";
import { DueMark } from "../../shared/DueMark";
import { OrderDue, OrderMark, useCallBackWords } from "../../shared/OrderMark";
import type { Times } from "../../shared/time";
import { answerOf } from "./Answers";
import { Contest } from "./Contest";
import { marked } from "./Marked";
import { ReplyForm } from "./ReplyForm";
import "./orders.css";

interface Props { view: CaseView; times: Times; onRefresh: () => void }

/** The upstream work orders that a case carries, each with its own clock. */
export function Orders({ view, times, onRefresh }: Props) {
  const { t } = useTranslation();
  if (view.orders.length === 0) return null;
  return (
    <section className="co" aria-label={t("orders.panel")} data-testid="orders-panel">
      <h2>{t("orders.panel")}{view.orders.length > 1 ? <span className="sw-quiet sw-num"> {view.orders.length}</span> : null}</h2>
      {view.orders.map((order) => <One key={order.id} order={order} caseId={view.id} times={times} onRefresh={onRefresh} />)}
    </section>
  );
}

function Line({ name, children }: { name: string; children: ReactNode }) {
  return <div className="ca-fact"><dt>{name}</dt><dd>{children}</dd></div>;
}

/** An order is answered where all voices of the case are: there it is checked before it goes. */
function toAnswer(id: string): void {
  const voice = document.getElementById(answerOf(id));
  voice?.scrollIntoView({ block: "center" });
  voice?.querySelector<HTMLElement>("textarea, button")?.focus({ preventScroll: true });
}

function One({ order, caseId, times, onRefresh }: { order: Order; caseId: string; times: Times; onRefresh: () => void }) {
  const { t, i18n } = useTranslation();
  const zh = i18n.language.startsWith("zh");
  const client = useQueryClient();
  const now = useNow(20_000);
  const callBack = useCallBackWords()(order);
  const may = useCan();
  const voices = useQuery(answersQuery(caseId)).data;
  const [open, setOpen] = useState<OrderAction | null>(null);
  const [copying, setCopying] = useState(false);
  const [text, setText] = useState("");
  const [tried, setTried] = useState(false);
  function done(): void {
    setOpen(null);
    setText("");
    setTried(false);
    onRefresh();
    void client.invalidateQueries({ queryKey: orderLists });
  }
  const send = useMutation({
    mutationFn: (action: OrderAction) => actOnOrder(order, action, text.trim()),
    onSuccess: done,
    onError: (error) => {
      if (asProblem(error).status === 412) onRefresh();
    },
  });
  const submit = (action: OrderAction): void => {
    setTried(true);
    if (action === "acknowledge" || action === "retract" || text.trim()) send.mutate(action);
  };
  const problem = send.error ? asProblem(send.error) : null;
  return (
    <article className="co-one" data-testid="order" data-number={order.number}>
      <header className="co-head">
        <span className="sw-num co-number">{order.number}</span>
        <OrderMark order={order} />
      </header>
      <dl>
        <Line name={t("orders.due")}>
          <OrderDue order={order} now={now} />
          {order.due_at ? <span className="sw-small sw-quiet sw-num"> {times.stamp(order.due_at)}</span> : null}
        </Line>
        <Line name={t("orders.received")}>
          <span className="sw-num">{times.stamp(order.received_at)}</span>
          <span className="sw-small sw-quiet"> {[order.source.name, order.level].filter(Boolean).join(" · ")}</span>
        </Line>
        {order.answer || order.answered_at ? (
          <Line name={t("orders.answered")}>
            {order.answer ? <span className="co-text">{marked(order.answer)}</span> : null}
            <span className="sw-small sw-quiet sw-num">
              {order.answered_at ? times.stamp(order.answered_at) : null}{order.answered_upstream ? ` · ${t("orders.answered_upstream")}` : null}
            </span>
          </Line>
        ) : null}
        {callBack ? (
          <Line name={t("orders.call_back")}>
            <span className={order.call_back?.resolved === false ? "sw-amber" : undefined}>{callBack}</span>
            {order.call_back?.at ? <span className="sw-small sw-quiet sw-num"> {times.stamp(order.call_back.at)}</span> : null}
          </Line>
        ) : null}
        {order.urged_at ? <Line name={t("orders.urged_at")}><span className="sw-num">{times.stamp(order.urged_at)}</span></Line> : null}
        {order.contact_due_at && (order.contacted_at !== null || order.contact_state !== "none") ? (
          <Line name={t("orders.first_contact")}>
            {order.contacted_at ? (
              <span className={order.contact_state === "done_late" ? "sw-amber" : "sw-quiet"}>{t(order.contact_state === "done_late" ? "orders.contacted_late" : "orders.contacted")} <span className="sw-small sw-num">{times.stamp(order.contacted_at)}</span></span>
            ) : (
              <DueMark row={{ due_at: order.contact_due_at, due_state: order.contact_state }} now={now} />
            )}
          </Line>
        ) : null}
        {order.contest === "none" ? null : (
          <Line name={t("orders.contest")}>
            <span data-testid="order-contest">{t(`orders.contested.${order.contest}`)}</span>
            {order.contest_ground ? <span className="sw-small"> {zh ? order.contest_ground.name : order.contest_ground.name_en}</span> : null}
            {order.contested_at ? <span className="sw-small sw-quiet sw-num"> {times.stamp(order.contested_at)}</span> : null}
            {order.contest_text ? <span className="co-text sw-small sw-quiet">{marked(order.contest_text)}</span> : null}
          </Line>
        )}
        {order.exclusion === "none" ? null : (
          <Line name={t("orders.col_exclusion")}>
            {t(`orders.exclusion.${order.exclusion}`)}
            {order.grounds ? <span className="co-text sw-small sw-quiet">{marked(order.grounds)}</span> : null}
          </Line>
        )}
      </dl>
      {problem ? (
        <Sentence tone={problem.status === 412 ? "amber" : "red"}>{problem.status === 412 ? t("orders.stale") : problemSentence(t, problem)}</Sentence>
      ) : null}
      {copying ? <ReplyForm order={order} onClose={() => setCopying(false)} /> : null}
      {open === "contest" ? (
        <Contest order={order} onDone={done} onStale={onRefresh} onClose={() => setOpen(null)} />
      ) : open ? (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- keys bubble up from its field
        <form className="co-form"
          onSubmit={(event) => {
            event.preventDefault();
            submit(open);
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit(open);
            else if (event.key === "Escape") setOpen(null);
            else return;
            event.preventDefault();
            event.stopPropagation();
          }}>
          <Input.TextArea autoFocus value={text} autoSize={{ minRows: 3, maxRows: 8 }} maxLength={2000} data-testid="order-text" aria-label={t("orders.text.exclude")}
            placeholder={t("orders.placeholder.exclude")} status={tried && !text.trim() ? "error" : undefined} onChange={(event) => setText(event.target.value)} />
          {tried && !text.trim() ? <p className="sw-small sw-red" role="alert">{t("orders.need_text")}</p> : null}
          <div className="co-do">
            <Button type="primary" size="small" htmlType="submit" loading={send.isPending} data-testid="order-submit">{t("orders.submit.exclude")}</Button>
            <Button size="small" onClick={() => setOpen(null)}>{t("common.cancel")}</Button>
          </div>
        </form>
      ) : (
        <div className="co-do">
          {order.actions.includes("answer") ? <Button size="small" disabled={!voices} data-testid="order-to-answer" onClick={() => toAnswer(order.id)}>{t("orders.to_answer")}</Button> : null}
          {order.actions.filter((action) => action !== "answer").map((action) => (
            <Button key={action} size="small" loading={send.isPending && send.variables === action} data-testid={`order-${action}`}
              onClick={() => (action === "acknowledge" || action === "retract" ? submit(action) : setOpen(action))}>
              {t(`orders.action.${action}`)}
            </Button>
          ))}
          {may("order.answer") && !copying ? <Button size="small" data-testid="order-copy" onClick={() => setCopying(true)}>{t("orders.form_open")}</Button> : null}
          {order.updates > 0 ? <span className="sw-small sw-quiet sw-num co-updates">{t("orders.updates", { count: order.updates })}</span> : null}
        </div>
      )}
    </article>
  );
}
