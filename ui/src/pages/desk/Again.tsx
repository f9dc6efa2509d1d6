import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { caseQuery } from "../../api/queries";
import type { CaseRef, DeskItem, Doubt, MergeOffer } from "../../api/types";
import { useNow } from "../../shared/clock";
import { StateMark } from "../../shared/StateMark";
import { useTimes } from "../../shared/time";
import { useReasonWords } from "../../shared/Why";
import { marked } from "../case/Marked";
import type { Decision } from "./decide";
import { useDeskKeys } from "./keys";

interface Props { item: DeskItem; doubt: Doubt; offers: MergeOffer[]; onDecide: (decision: Decision) => void }

/** The same problem as another case, or one that has come back? Beside the message stands the other. */
export function Again({ item, doubt, offers, onDecide }: Props) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState(offers[0]?.id);
  const at = Math.max(0, offers.findIndex((offer) => offer.id === chosen));
  const offer = offers[at];
  const move = (by: number) => () => setChosen(offers[Math.min(Math.max(at + by, 0), offers.length - 1)]?.id);
  // a closed case takes nothing in: what is the same as it is told apart, or stays by itself
  const closed = offer?.kind === "same" && offer.other.state === "closed";
  const join = offer && !closed ? () => onDecide({ kind: "join", offer, again: false }) : undefined;
  const apart = offer ? () => onDecide({ kind: "apart", offer }) : undefined;
  const stay = (): void => onDecide({ kind: "stay", doubt });
  useDeskKeys({ j: join, n: apart, ArrowDown: move(1), ArrowUp: move(-1), 0: offer && !closed ? undefined : stay });
  const kind = offer?.kind ?? (doubt === "again" ? "again" : "same");
  return (
    <div className="dk-question">
      <h2>{t(`desk.ask.${kind}`)}</h2>
      {offers.length > 1 ? <p className="sw-small sw-quiet"><kbd>↑</kbd> <kbd>↓</kbd> {t("desk.choose", { count: offers.length })}</p> : null}
      <ol className="dk-others">
        {offers.map((one) => (
          <li key={one.id}>
            <button type="button" className="sw-plain dk-other" tabIndex={-1} aria-current={one === offer || undefined} data-testid="desk-offer" data-number={one.other.number} onClick={() => setChosen(one.id)}>
              <Other other={one.other} />
              <Reasons offer={one} />
              {one === offer ? <FirstVoice id={one.other.id} title={one.other.title} /> : null}
            </button>
          </li>
        ))}
      </ol>
      {offer ? (
        <div className="dk-pair">
          <button type="button" className="sw-plain dk-option dk-strong" data-testid="desk-join" disabled={!join} onClick={join}><kbd>j</kbd><span className="dk-option-words">{t(`desk.join.${kind}`)}</span></button>
          <button type="button" className="sw-plain dk-option dk-strong" data-testid="desk-apart" onClick={apart}><kbd>n</kbd><span className="dk-option-words">{t(`desk.apart.${kind}`)}</span></button>
        </div>
      ) : <p className="sw-quiet">{t("desk.no_offers")}</p>}
      {closed ? <p className="sw-small sw-amber">{t("desk.closed_meanwhile", { number: offer.other.number })}</p> : null}
      {!offer || closed ? <button type="button" className="sw-plain dk-option" onClick={stay}><kbd>0</kbd><span className="dk-option-words">{t("desk.stay_merge")}</span></button> : null}
      <p className="sw-small sw-quiet">{t(`desk.teaches.${kind}`, { number: item.case.number })}</p>
    </div>
  );
}

/** What the other case's first voice said: the two are compared by their words. */
function FirstVoice({ id, title }: { id: string; title: string }) {
  const first = useQuery(caseQuery(id)).data?.signals[0];
  if (!first?.text || first.text_withheld) return null;
  return <span className="dk-first">{first.title && first.title !== title ? <b>{marked(first.title)} </b> : null}{marked(first.text)}</span>;
}

/** Another case, as far as it matters beside this one. */
export function Other({ other }: { other: CaseRef }) {
  const { t } = useTranslation();
  const times = useTimes();
  const now = useNow(30_000);
  return (
    <>
      <span className="dk-other-title">{other.title}</span>
      <span className="dk-other-line sw-small sw-quiet">
        <span className="sw-num">{other.number}</span>
        <StateMark state={other.state} />
        <span className="sw-num">{times.short(other.opened_at, now)}</span>
        {other.place_text ? <span>{other.place_text}</span> : null}
        {other.voices > 1 ? <span className="sw-num">{t("case.voices_value", { count: other.voices })}</span> : null}
      </span>
    </>
  );
}

/** Why it was offered, as one sentence, and how sure the engine is. */
export function Reasons({ offer }: { offer: Pick<MergeOffer, "score" | "reasons"> }) {
  const { t } = useTranslation();
  const words = useReasonWords();
  return (
    <span className="sw-small dk-why" data-testid="merge-reasons">
      {words(offer.reasons).map((one, index) => <span key={one}>{index > 0 ? " · " : ""}<span className="dk-reason">{one}</span></span>)}
      {offer.score > 0 ? <span className="sw-quiet sw-num"> {t("desk.score", { percent: Math.round(offer.score * 100) })}</span> : null}
    </span>
  );
}
