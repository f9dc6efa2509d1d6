import { Input, Select } from "antd";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { ActionOffer } from "../../api/types";
import { groundOf, outcomeOf, unitsOf, type DraftStore } from "./draft";

interface Props { offer: ActionOffer; draft: DraftStore; lacks: string[] }

function Field({ id, label, required, problem, children }: { id: string; label: string; required: boolean; problem: string | null; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <div className="ca-field">
      <label htmlFor={id}>{label}<span className="sw-small sw-quiet"> {t(required ? "common.required" : "common.optional")}</span></label>
      {children}
      {problem ? <p className="sw-small sw-red" role="alert">{problem}</p> : null}
    </div>
  );
}

/** What an action asks for beside a unit, words and photos: whatever its line of the loop names. */
export function Fields({ offer, draft, lacks }: Props) {
  const { t } = useTranslation();
  const asks = (what: string): boolean => offer.needs.includes(what) || offer.takes.includes(what);
  const must = (what: string): boolean => offer.needs.includes(what);
  const problem = (what: string): string | null => (lacks.includes(what) ? t(`act.need_${what}`) : null);
  const [open, setOpen] = useState(false);
  const outcome = outcomeOf(offer, draft.value);
  const ground = groundOf(offer, draft.value);
  const asksBody = asks("outcome") ? Boolean(outcome?.body) : asks("body");
  return (
    <>
      {asks("outcome") ? (
        <Field id="outcome" label={t("act.outcome")} required={must("outcome")} problem={problem("outcome")}>
          <div data-testid="outcome-select">
            <Select id="outcome" className="ca-unit" placeholder={t("act.outcome_pick")} value={outcome?.code} placement="topLeft"
              status={problem("outcome") ? "error" : undefined} onChange={(code: string) => draft.set({ outcome: code })}
              options={offer.outcomes.map(({ code }) => ({ value: code, label: t(`outcome.${code}`) }))} />
          </div>
        </Field>
      ) : null}
      {asksBody ? (
        <Field id="body" label={t(`act.body_${outcome?.code ?? ""}`, { defaultValue: t("act.body") })} required problem={problem("body")}>
          <Input id="body" value={draft.value.body} maxLength={100} status={problem("body") ? "error" : undefined} data-testid="body-input"
            onChange={(event) => draft.set({ body: event.target.value })} />
        </Field>
      ) : null}
      {asks("ground") ? (
        <Field id="ground" label={t("act.ground")} required={must("ground")} problem={problem("ground")}>
          <div data-testid="ground-select">
            <Select id="ground" className="ca-unit" placeholder={t("act.ground_pick")} value={ground} placement="topLeft"
              status={problem("ground") ? "error" : undefined} onChange={(code: string) => draft.set({ ground: code })}
              options={offer.grounds.map((code) => ({ value: code, label: t(`ground.${offer.action}.${code}`) }))} />
          </div>
        </Field>
      ) : null}
      {asks("units") ? (
        <Field id="units" label={t(`act.units_${offer.action}`, { defaultValue: t("act.units") })} required={must("units")} problem={problem("units")}>
          <div data-testid="units-select">
            {/* Closed after each choice: where the list stays open, Tab would take the choice back. */}
            <Select id="units" mode="multiple" className="ca-unit" open={open} onOpenChange={setOpen} onSelect={() => setOpen(false)} placeholder={t("act.units_pick")} value={unitsOf(offer, draft.value)} placement="topLeft"
              showSearch={{ optionFilterProp: "label" }} status={problem("units") ? "error" : undefined} onChange={(units: string[]) => draft.set({ units })}
              options={offer.units.map(({ code, name }) => ({ value: code, label: name }))} />
          </div>
        </Field>
      ) : null}
      {asks("until") ? (
        <Field id="until" label={t("act.until")} required={must("until")} problem={problem("until")}>
          <Input id="until" type="datetime-local" className="ca-unit" value={draft.value.until} status={problem("until") ? "error" : undefined}
            data-testid="until-input" onChange={(event) => draft.set({ until: event.target.value })} />
          {must("until") ? null : <p className="sw-small sw-quiet">{t(`act.until_hint_${ground ?? ""}`, { defaultValue: t("act.until_default") })}</p>}
        </Field>
      ) : null}
    </>
  );
}
