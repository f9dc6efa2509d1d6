import { useTranslation } from "react-i18next";
import type { Condition } from "../../api/types";
import { useDeskKeys } from "./keys";

interface Props { name: string; conditions: readonly Condition[]; onPick: (code: string | undefined) => void; onBack: () => void }

/** Which of a class's conditions? The limit belongs to that; it may also be left to the spot. */
export function Conditions({ name, conditions, onPick, onBack }: Props) {
  const { t } = useTranslation();
  const keys = Object.fromEntries(conditions.slice(0, 9).map(({ code }, index) => [String(index + 1), () => onPick(code)]));
  useDeskKeys({ ...keys, 0: () => onPick(undefined), Escape: onBack });
  const words = ({ text, limit }: Condition): string =>
    limit ? t("desk_condition.limit", { text, value: limit["value"], unit: t(`limit_unit.${String(limit["unit"])}`) }) : text;
  return (
    <div className="dk-question" data-testid="desk-conditions">
      <h2>{t("desk_condition.ask", { name })}</h2>
      <ol className="dk-options">
        {conditions.map((one, index) => (
          <li key={one.code}>
            <button type="button" className="sw-plain dk-option" data-testid="desk-condition" onClick={() => onPick(one.code)}>
              <kbd>{index < 9 ? index + 1 : "·"}</kbd><span className="dk-option-words">{words(one)}</span>
            </button>
          </li>
        ))}
      </ol>
      <button type="button" className="sw-plain dk-option" data-testid="desk-condition-none" onClick={() => onPick(undefined)}><kbd>0</kbd><span className="dk-option-words">{t("desk_condition.none")}</span></button>
      <button type="button" className="sw-plain dk-option" onClick={onBack}><kbd>Esc</kbd><span className="dk-option-words">{t("desk_condition.back")}</span></button>
      <p className="sw-small sw-quiet">{t("desk_condition.hint")}</p>
    </div>
  );
}
