import { useTranslation } from "react-i18next";
import type { CaseView } from "../../api/types";
import type { Times } from "../../shared/time";

/** Units that were called to help: who leads, how far each is, who is late. */
export function Parties({ view, times }: { view: CaseView; times: Times }) {
  const { t } = useTranslation();
  if (view.parties.length === 0) return null;
  return (
    <section className="ca-parties" data-testid="parties" aria-label={t("back.parties")}>
      <h3 className="sw-small sw-quiet">{t("back.parties")}</h3>
      {view.lead ? <p className="sw-small">{t("back.lead")}{t("common.colon")}{view.lead.name} <span className="sw-quiet">{t("back.lead_why")}</span></p> : null}
      <ul>
        {view.parties.map((party) => (
          <li key={`${party.unit.code}-${party.called_at}`} data-testid="party" data-stage={party.stage}>
            <span>{party.unit.name}</span>
            <span className={`sw-small ${party.stage === "released" ? "sw-quiet" : ""}`}>{t(`back.stage.${party.stage}`)}</span>
            {party.late ? <span className="sw-small sw-amber">{t("back.late")}</span> : null}
            <span className="sw-small sw-quiet sw-num">{t("back.due", { at: times.stamp(party.due_at) })}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
