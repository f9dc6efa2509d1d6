import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { acknowledge, notificationsQuery, notifyKeys, readOne, readUntil, type Notification } from "../api/notifications";
import { ErrorBlank, Loading } from "../shared/Blank";
import { useNow } from "../shared/clock";
import { useTimes } from "../shared/time";
import { silence, useSilenced } from "./alarm";
import "./bell.css";

const MINUTE = 60_000;

/** One's notifications, the newest first. */
export default function BellPanel({ close }: { close: () => void }) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const query = useInfiniteQuery(notificationsQuery(i18n.language));
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  const [newest] = items;
  const unread = query.data?.pages[0]?.unread ?? 0;

  async function mark(work: Promise<unknown>): Promise<void> {
    // not marked is no harm: it stays unread
    await work.catch(() => undefined);
    await client.invalidateQueries({ queryKey: notifyKeys.all });
  }
  return (
    <section className="bl" data-testid="bell-panel" aria-label={t("notify.title")}>
      <header className="bl-head">
        <h2>{t("notify.title")}</h2>
        {newest && unread > 0 ? (
          <button type="button" className="sw-plain sw-link" data-testid="read-all" onClick={() => void mark(readUntil(newest.id))}>{t("notify.read_all")}</button>
        ) : null}
        <Link to="/account#notify" className="sw-link" data-testid="bell-settings" onClick={close}>{t("notify.settings")}</Link>
      </header>
      {query.isPending ? <div className="bl-blank"><Loading rows={4} /></div> : null}
      {query.isError ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} /> : null}
      {query.isSuccess && items.length === 0 ? (
        <div className="bl-blank" data-testid="bell-empty">
          <p>{t("notify.empty")}</p>
          <p className="sw-small sw-quiet">{t("notify.empty_text")}</p>
        </div>
      ) : null}
      <ul className="bl-list">
        {items.map((one) => <Item key={one.id} one={one} onOpen={() => {
          void mark(readOne(one.id));
          if (one.case_id) close();
        }} onAcknowledge={() => void mark(acknowledge(one.id))} />)}
      </ul>
      {query.hasNextPage ? (
        <button type="button" className="sw-plain sw-link bl-more" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t("common.more")}</button>
      ) : null}
    </section>
  );
}

function Item({ one, onOpen, onAcknowledge }: { one: Notification; onOpen: () => void; onAcknowledge: () => void }) {
  const { t } = useTranslation();
  const quiet = useSilenced().has(one.id);
  const times = useTimes();
  const now = useNow(MINUTE);
  const failed = one.deliveries.filter((each) => each.state === "failed");
  const content = (
    <>
      <span className="bl-title">
        {one.read_at ? null : <span className="bl-dot" role="img" aria-label={t("notify.unread")} />}
        <span className="sw-cut">{one.title}</span>
        {one.urgent ? <span className="sw-small sw-red">{t("notify.urgent")}</span> : null}
        <time className="bl-time sw-small sw-quiet sw-num" dateTime={one.made_at}>{times.short(one.made_at, now)}</time>
      </span>
      <span className="bl-text sw-small sw-quiet">{one.text}</span>
      {failed.map((each) => (
        <span key={each.channel} className="sw-small sw-amber">
          {t("notify.failed", { channel: t(`notify.channel.${each.channel}`), why: t(`notify.error.${each.error ?? "unexpected"}`) })}
        </span>
      ))}
    </>
  );
  const shared = { className: one.read_at ? "bl-item" : "bl-item bl-new", onClick: onOpen, "data-testid": "notification" };
  return (
    <li>
      {one.case_id ? <Link to={`/cases/${one.case_id}`} {...shared}>{content}</Link> : <button type="button" {...shared}>{content}</button>}
      {one.sounds ? (
        <div className="bl-urgent sw-small">
          <button type="button" className="sw-plain sw-link" data-testid="acknowledge" onClick={onAcknowledge}>{t("notify.acknowledge")}</button>
          {quiet ? <span className="sw-quiet" data-testid="silenced">{t("notify.silenced")}</span> : (
            <button type="button" className="sw-plain sw-link sw-quiet" data-testid="silence" onClick={() => silence(one.id)}>{t("notify.silence")}</button>
          )}
        </div>
      ) : one.urgent && one.ack_at ? <div className="bl-urgent sw-small sw-quiet">{t("notify.acknowledged", { at: times.short(one.ack_at, now) })}</div> : null}
    </li>
  );
}
