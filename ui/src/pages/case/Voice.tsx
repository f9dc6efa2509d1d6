import { Fragment, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Signal } from "../../api/types";
import type { Times } from "../../shared/time";

/** Where something was masked the server leaves its kind in brackets. */
const TOKEN = /(\[(?:\p{Script=Han}{2,4}|QQ)\])/u;

export function marked(text: string): ReactNode[] {
  let offset = 0;
  return text.split(TOKEN).map((part, index) => {
    const key = offset;
    offset += part.length;
    return index % 2 === 1 ? <mark key={key} className="ca-mask">{part.slice(1, -1)}</mark> : <Fragment key={key}>{part}</Fragment>;
  });
}

/** What somebody said, as they said it, with what was masked softly marked. */
export function Voice({ signal, times }: { signal: Signal; times: Times }) {
  const { t } = useTranslation();
  const masked = Object.entries(signal.masked ?? {}).map(([kind, n]) => `${t(`mask.${kind}`, { defaultValue: kind })}${n > 1 ? ` ${n}` : ""}`);
  return (
    <li className="ca-item ca-voice" data-testid="timeline-entry" data-kind="signal">
      <div className="ca-meta sw-small">
        <span className="ca-source">{signal.source.name}{signal.channel ? ` · ${signal.channel}` : ""}</span>
        {signal.is_update ? <span className="sw-quiet">{t("case.update")}</span> : null}
        <time className="sw-num sw-quiet" dateTime={signal.reported_at}>{times.stamp(signal.reported_at)}</time>
        {signal.upstream_key ? <span className="sw-quiet sw-num">{t("case.upstream", { key: signal.upstream_key })}</span> : null}
        {signal.upstream_category ? <span className="sw-quiet">{t("case.upstream_category", { name: signal.upstream_category })}</span> : null}
      </div>
      <blockquote>
        {signal.title && signal.title !== signal.text ? <p className="ca-voice-title">{marked(signal.title)}</p> : null}
        {signal.text_withheld ? <p className="sw-quiet">{t("case.withheld")}</p>
          : signal.text ? <p className="ca-voice-text">{marked(signal.text)}</p>
          : signal.title ? null : <p className="sw-quiet">{t("case.no_text")}</p>}
      </blockquote>
      {signal.reply ? (
        <div className="ca-reply">
          <div className="sw-small sw-quiet">
            {t("case.reply")}
            {signal.replied_at ? <time className="sw-num" dateTime={signal.replied_at}> {times.stamp(signal.replied_at)}</time> : null}
          </div>
          <p>{marked(signal.reply)}</p>
        </div>
      ) : null}
      {masked.length > 0 ? <div className="sw-small sw-quiet">{t("case.masked", { list: masked.join(t("common.list")) })}</div> : null}
    </li>
  );
}
