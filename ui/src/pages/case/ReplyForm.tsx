import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { fetchForm } from "../../api/orders";
import type { Order } from "../../api/types";
import { ErrorBlank, Loading } from "../../shared/Blank";
import { copyText } from "../../shared/copy";

/** The reply as the platform's own form wants it, field by field; one click copies all or one of them. */
export function ReplyForm({ order, onClose }: { order: Order; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const query = useQuery({ queryKey: ["order-form", order.id, order.version, order.contacted_at], queryFn: () => fetchForm(order) });
  const [copied, setCopied] = useState<string | null>(null);
  const [refused, setRefused] = useState(false);
  const whole = useRef<HTMLTextAreaElement>(null);
  const form = query.data;
  const copy = async (what: string, text: string): Promise<void> => {
    const done = await copyText(text);
    setCopied(done ? what : null);
    setRefused(!done);
    // where nothing may be copied, the text is there, selected, for Ctrl-C
    if (!done) requestAnimationFrame(() => whole.current?.select());
  };
  if (query.error) return <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />;
  if (!form) return <Loading rows={3} />;
  return (
    <div className="co-reply" role="group" aria-label={t("orders.form")} data-testid="reply-form">
      <div className="co-head">
        <strong>{i18n.language.startsWith("zh") ? form.title : form.title_en}</strong>
        <button type="button" className="sw-plain sw-link sw-small" onClick={onClose}>{t("common.close")}</button>
      </div>
      <dl>
        {form.fields.map((one) => (
          <div key={one.label} className="co-field">
            <dt>
              {one.label}
              {one.limit === null ? null : <span className={`sw-small sw-num ${one.over ? "sw-red" : "sw-quiet"}`}> {one.value.length}/{one.limit}</span>}
            </dt>
            <dd>
              {one.value ? <span className="co-text">{one.value}</span> : <span className={one.missing ? "sw-red" : "sw-quiet"}>{t(one.missing ? "orders.form_missing" : "orders.form_empty")}</span>}
              {one.over ? <span className="sw-small sw-red">{t("orders.form_over", { count: one.value.length - (one.limit ?? 0) })}</span> : null}
              {one.value ? (
                <button type="button" className="sw-plain sw-link sw-small" aria-label={t("orders.form_copy_one", { label: one.label })} onClick={() => void copy(one.label, one.value)}>
                  {t(copied === one.label ? "vault.copied" : "vault.copy")}
                </button>
              ) : null}
            </dd>
          </div>
        ))}
      </dl>
      {refused ? (
        <>
          <p className="sw-small sw-amber" role="alert">{t("orders.form_by_hand")}</p>
          <textarea ref={whole} readOnly className="co-whole" aria-label={t("orders.form")} value={form.text} rows={5} data-testid="reply-text" />
        </>
      ) : null}
      <Button size="small" type="primary" data-testid="reply-copy" onClick={() => void copy("*", form.text)}>{t("orders.form_copy")}</Button>
      {copied === "*" ? <span className="sw-small sw-green" role="status" data-testid="reply-copied"> {t("vault.copied")}</span> : null}
    </div>
  );
}
