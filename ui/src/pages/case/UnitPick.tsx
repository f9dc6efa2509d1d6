import { Select } from "antd";
import { useTranslation } from "react-i18next";
import type { ActionOffer, UnitOffer } from "../../api/types";
import { askWords, becauseWords, LoadMark, percent } from "../../shared/DispatchWords";
import type { DraftStore } from "./draft";

/** Which unit: what it has on hand, and why one is suggested, or why none is. */
export function UnitPick({ offer, draft, problem }: { offer: ActionOffer; draft: DraftStore; problem: boolean }) {
  const { t } = useTranslation();
  const suggested = offer.units.find((unit) => unit.suggested);
  const picked = draft.value.unit ?? suggested?.code;
  const chosen = offer.units.find((unit) => unit.code === picked);
  return (
    <div className="ca-field">
      <label htmlFor="unit">{t(`act.unit_${offer.action}`, { defaultValue: t("act.unit") })}</label>
      {offer.asks.length > 0 ? (
        <div className="ca-asks sw-small" role="status" data-testid="unit-asks">
          <p className="sw-amber">{t("dispatching.ask.title")}</p>
          <ul>{offer.asks.map((step) => <li key={step.code}>{askWords(t, step)}</li>)}</ul>
        </div>
      ) : null}
      <div data-testid="unit-select">
        <Select id="unit" className="ca-unit" placeholder={t("act.unit_pick")} value={picked} onChange={(unit: string) => draft.set({ unit })}
          showSearch={{ optionFilterProp: "label" }} placement="topLeft" status={problem ? "error" : undefined}
          options={offer.units.map(({ code, name }) => ({ value: code, label: name }))}
          optionRender={(option) => {
            const unit = offer.units.find(({ code }) => code === option.value);
            return (
              <span className="ca-unit-option">
                {option.label}
                <span className="ca-unit-more">
                  {unit ? <Sure unit={unit} /> : null}
                  {unit ? <LoadMark unit={unit} /> : null}
                  {option.value === suggested?.code ? <span className="sw-small sw-blue">{t("act.suggested")}</span> : null}
                </span>
              </span>
            );
          }} />
      </div>
      {problem ? <p className="sw-small sw-red" role="alert">{t("act.need_unit")}</p> : null}
      {chosen ? (
        <p className="sw-small sw-quiet" data-testid="unit-why">
          {chosen.suggested ? <><span className="sw-blue">{t("act.suggested")}</span> · </> : null}
          {chosen.because.map((step) => becauseWords(t, step)).join("；")}
          {chosen.because.length > 0 ? " · " : ""}<Sure unit={chosen} />{typeof chosen.confidence === "number" ? " · " : ""}<LoadMark unit={chosen} />
        </p>
      ) : null}
      {suggested && picked !== suggested.code ? (
        <p className="sw-small sw-quiet">
          {t("act.suggest_other")}{" "}
          <button type="button" className="sw-plain sw-link" onClick={() => draft.set({ unit: suggested.code })}>{suggested.name}</button>
        </p>
      ) : null}
    </div>
  );
}

function Sure({ unit }: { unit: UnitOffer }) {
  const { t } = useTranslation();
  return typeof unit.confidence === "number" ? <span className="sw-small sw-quiet sw-num">{t("dispatching.sure", { percent: percent(unit.confidence) })}</span> : null;
}
