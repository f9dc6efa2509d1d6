import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { CaseRef, CauseOffer, DeskItem } from "../../api/types";
import { Other, Reasons } from "./Again";
import type { Decision } from "./decide";
import { useDeskKeys } from "./keys";

/** One of the cases as the parent, or (null) a case that is opened for the cause. */
export type Parent = string | null;
export const proposed = (cause: CauseOffer): Parent => cause.parent?.id ?? null;

/** Which cases may be the parent, in the order of their keys; the last is a new one. */
export function parentsOf(cause: CauseOffer): Parent[] {
  const known = cause.parent && !cause.cases.some((one) => one.id === cause.parent?.id);
  return [...(known ? [proposed(cause)] : cause.cases.slice(0, 9).map((one) => one.id)), null];
}

/** Number keys choose the parent, 0 a new case. */
export function parentKeys(cause: CauseOffer, choose: (parent: Parent) => void): Record<string, () => void> {
  return Object.fromEntries(parentsOf(cause).map((parent, at): [string, () => void] => [parent === null ? "0" : `${at + 1}`, () => choose(parent)]));
}

interface CasesProps { cause: CauseOffer; chosen: Parent; onChoose: ((parent: Parent) => void) | undefined; keysShown: boolean }

/** The cases that may have one cause, and which of them the others hang under. */
export function CauseCases({ cause, chosen, onChoose, keysShown }: CasesProps) {
  const { t } = useTranslation();
  const parents = parentsOf(cause);
  const outside = cause.parent && !cause.cases.some((one) => one.id === cause.parent?.id) ? cause.parent : null;
  const option = (parent: Parent, words: string) => {
    const at = parents.indexOf(parent);
    return at < 0 || !onChoose ? null : (
      <button type="button" className="sw-plain dk-option dk-cause-pick" tabIndex={-1} aria-pressed={chosen === parent} data-testid="cause-parent" data-id={parent ?? "new"} onClick={() => onChoose(parent)}>
        {keysShown ? <kbd>{parent === null ? 0 : at + 1}</kbd> : null}
        <span className="dk-option-words">{words}</span>
      </button>
    );
  };
  const line = (one: CaseRef, role: string | null) => (
    <li key={one.id} className="dk-cause-one" data-testid="cause-case" data-number={one.number} aria-current={chosen === one.id || undefined}>
      <Link to={`/cases/${one.id}`} className="dk-ref"><Other other={one} /></Link>
      {option(one.id, role ?? t("desk.cause.as_parent"))}
    </li>
  );
  return (
    <ol className="dk-cause">
      {outside ? line(outside, t("desk.cause.known_parent")) : null}
      {cause.cases.map((one) => line(one, null))}
      <li className="dk-cause-one" aria-current={chosen === null || undefined}>
        <span className="sw-quiet sw-small">{t("desk.cause.new_hint")}</span>
        {option(null, t("desk.cause.new_parent"))}
      </li>
    </ol>
  );
}

interface Props { item: DeskItem; onDecide: (decision: Decision) => void }

/** Several cases, one cause? The officer says whether, and what they hang under. */
export function CauseQuestion({ item, onDecide }: Props) {
  const { t } = useTranslation();
  const cause = item.understanding.causes[0];
  const [chosen, setChosen] = useState<Parent>(cause ? proposed(cause) : null);
  const join = cause ? () => onDecide({ kind: "cause", cause, parent: chosen }) : undefined;
  const apart = cause ? () => onDecide({ kind: "not_cause", cause }) : undefined;
  const stay = (): void => onDecide({ kind: "stay", doubt: "cause" });
  useDeskKeys({ ...(cause ? parentKeys(cause, setChosen) : { 0: stay }), j: join, n: apart });
  return (
    <div className="dk-question">
      <h2>{t("desk.ask.causes")}</h2>
      {cause ? (
        <>
          <Reasons offer={{ score: 0, reasons: cause.reasons }} />
          <CauseCases cause={cause} chosen={chosen} onChoose={setChosen} keysShown />
          <div className="dk-pair">
            <button type="button" className="sw-plain dk-option dk-strong" data-testid="desk-join" onClick={join}><kbd>j</kbd><span className="dk-option-words">{t("desk.join.causes")}</span></button>
            <button type="button" className="sw-plain dk-option dk-strong" data-testid="desk-apart" onClick={apart}><kbd>n</kbd><span className="dk-option-words">{t("desk.apart.causes")}</span></button>
          </div>
        </>
      ) : (
        <>
          <p className="sw-quiet">{t("desk.no_offers")}</p>
          <button type="button" className="sw-plain dk-option" onClick={stay}><kbd>0</kbd><span className="dk-option-words">{t("desk.stay_merge")}</span></button>
        </>
      )}
      <p className="sw-small sw-quiet">{t("desk.teaches.causes")}</p>
    </div>
  );
}
