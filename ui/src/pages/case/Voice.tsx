import { useTranslation } from "react-i18next";
import type { Signal } from "../../api/types";
import type { Times } from "../../shared/time";
import { Apart, Marked } from "./Marked";

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
        {signal.answer_by ? (
          <span className="sw-quiet">
            {signal.answer_by === "none" ? t("case.answer_none") : t("case.answer_by", { how: t(`phone.answer.${signal.answer_by}`) })}
          </span>
        ) : null}
        {signal.upstream_category ? <span className="sw-quiet">{t("case.upstream_category", { name: signal.upstream_category })}</span> : null}
      </div>
      <blockquote>
        {signal.title && signal.title !== signal.text ? <p className="ca-voice-title"><Marked text={signal.title} item={signal.id} place="title" /></p> : null}
        {signal.text_withheld ? <p className="sw-quiet">{t("case.withheld")}</p>
          : signal.text ? <p className="ca-voice-text"><Marked text={signal.text} item={signal.id} place="text" /></p>
          : signal.title ? null : <p className="sw-quiet">{t("case.no_text")}</p>}
      </blockquote>
      {signal.reply ? (
        <div className="ca-reply">
          <div className="sw-small sw-quiet">
            {t("case.reply")}
            {signal.replied_at ? <time className="sw-num" dateTime={signal.replied_at}> {times.stamp(signal.replied_at)}</time> : null}
          </div>
          <p><Marked text={signal.reply} item={signal.id} place="reply" /></p>
        </div>
      ) : null}
      {masked.length > 0 ? <div className="sw-small sw-quiet">{t("case.masked", { list: masked.join(t("common.list")) })}</div> : null}
      <Apart item={signal.id} />
    </li>
  );
}
