import { useTranslation } from "react-i18next";
import { useArea } from "../../app/session";
import { setParam, useAddress } from "../../shared/params";
import { Disputes } from "./Disputes";
import { HazardMonths } from "./HazardMonths";
import "../../shared/table.css";
import "../cases/cases.css";
import "./natures.css";

const TABS = ["hazards", "disputes"] as const;

/** Hazards counted by month and kind, and the list of disputes. */
export default function Natures() {
  const { t } = useTranslation();
  const { area } = useArea();
  const [params, change] = useAddress();
  const tab = params.get("tab") === "disputes" ? "disputes" : "hazards";
  return (
    <div className="cs" data-testid="natures-page">
      <div className="cs-filters">
        <div className="cs-tabs" role="tablist">
          {TABS.map((one) => (
            <button key={one} type="button" role="tab" aria-selected={tab === one} className="sw-plain cs-tab" data-testid={`natures-${one}`} onClick={() => change(setParam(new URLSearchParams(), "tab", one))}>
              {t(`natures.tab.${one}`)}
            </button>
          ))}
        </div>
      </div>
      <div className="na-body">{tab === "hazards" ? <HazardMonths key={area.code} area={area.code} /> : <Disputes key={area.code} area={area.code} />}</div>
    </div>
  );
}
