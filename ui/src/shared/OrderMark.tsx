import { useTranslation } from "react-i18next";
import type { Order, OrderState } from "../api/types";
import { DueMark } from "./DueMark";

const tones: Record<OrderState, string> = { open: "sw-blue", answered: "", returned: "sw-amber", contested: "sw-blue", closed: "sw-green", withdrawn: "" };

function Glyph({ state }: { state: OrderState }) {
  const common = { width: 14, height: 14, viewBox: "0 0 14 14", "aria-hidden": true, fill: "none", stroke: "currentColor", strokeWidth: 1.4 } as const;
  if (state === "open") return <svg {...common}><circle cx="7" cy="7" r="5.5" strokeDasharray="2.2 1.9" /></svg>;
  if (state === "answered") return <svg {...common}><circle cx="7" cy="7" r="5.5" /><path d="M7 4v3.2l2.2 1.4" /></svg>;
  if (state === "returned") return <svg {...common}><path d="M5 3.2 2.2 6 5 8.8M2.4 6h6.1a3 3 0 0 1 0 6H6" /></svg>;
  if (state === "contested") return <svg {...common}><path d="M2.5 2.5h9v6.5H7L4 11.8V9H2.5zM7 4.2v2.2M7 7.6v.2" /></svg>;
  if (state === "withdrawn") return <svg {...common}><circle cx="7" cy="7" r="5.5" /><path d="M4 7h6" /></svg>;
  return <svg {...common} strokeWidth="1.6"><path d="M2.4 7.4 5.6 10.6 11.8 3.8" /></svg>;
}

/** State of a work order: glyph, word, colour. A call-back that found nothing solved is said too. */
export function OrderMark({ order }: { order: Order }) {
  const { t } = useTranslation();
  return (
    <span className={`sw-mark ${tones[order.state]}`} data-testid="order-state" data-state={order.state}>
      <Glyph state={order.state} />
      {t(`orders.state.${order.state}`)}
      {order.urged > 0 && order.state !== "closed" && order.state !== "withdrawn" ? (
        <span className={order.state === "answered" ? "sw-quiet" : "sw-red"} data-testid="order-urged">{t("orders.urged", { count: order.urged })}</span>
      ) : null}
      {order.contact_state === "overdue" ? <span className="sw-red" data-testid="order-contact-late">{t("orders.contact_late")}</span> : null}
      {order.attention === "unresolved" ? <span className="sw-amber">{t("orders.attention.unresolved")}</span> : null}
    </span>
  );
}

/** Upstream's clock. Once we have answered, whether that was in time says more than the time left. */
export function OrderDue({ order, now }: { order: Order; now: number }) {
  const { t } = useTranslation();
  if ((order.state !== "answered" && order.state !== "closed") || !order.answered_at || !order.due_at) return <DueMark row={order} now={now} />;
  const late = Date.parse(order.answered_at) > Date.parse(order.due_at);
  return <span className={late ? "sw-amber" : "sw-quiet"}>{t(late ? "orders.answered_late" : "orders.answered_in_time")}</span>;
}

/** What the call-back found, in a few words. */
export function useCallBackWords(): (order: Order) => string {
  const { t } = useTranslation();
  return ({ call_back: found }) => {
    if (!found) return "";
    const words = [];
    if (found.reached === false) words.push(t("orders.not_reached"));
    if (found.resolved !== null) words.push(t(found.resolved ? "orders.resolved" : "orders.not_resolved"));
    if (found.satisfied) words.push(t(`orders.satisfied.${found.satisfied}`));
    if (words.length === 0 && found.reached) words.push(t("orders.reached"));
    return words.join(t("common.list"));
  };
}
