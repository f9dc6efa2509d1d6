import { useTranslation } from "react-i18next";
import { Blank } from "../../shared/Blank";
import { limitWords, type Condition } from "./values";

/** When a case of this class is opened, when it may be closed, and how long that may take. */
export function Conditions({ conditions }: { conditions: Condition[] }) {
  const { t } = useTranslation();
  if (conditions.length === 0) return <Blank title={t("dir.cond.none")} />;
  return (
    <ol className="di-conditions" data-testid="conditions">
      {conditions.map((one, index) => (
        <li key={one.code ?? index}>
          <div className="di-condition-head">
            <strong>{one.text || t("dir.cond.number", { code: one.code ?? index + 1 })}</strong>
            <span className="sw-small sw-quiet sw-num">{one.code}</span>
            <span className="di-limit sw-num">{limitWords(t, one.limit)}</span>
          </div>
          <dl>
            <dt className="sw-small sw-quiet">{t("dir.cond.open_when")}</dt>
            <dd>{one.open_when || "—"}</dd>
            <dt className="sw-small sw-quiet">{t("dir.cond.close_when")}</dt>
            <dd>{one.close_when || "—"}</dd>
          </dl>
        </li>
      ))}
    </ol>
  );
}
