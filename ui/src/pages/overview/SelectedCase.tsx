import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { CaseRow, MapCase } from "../../api/types";
import { CaseGlyph } from "../../map/CaseGlyph";
import { dueWords } from "../../shared/DueMark";
import { useNow } from "../../shared/clock";

interface Props {
  item: MapCase;
  /** The same case as a row, when the list beside the map has it: it knows more. */
  row: CaseRow | undefined;
  onClose: () => void;
}

/** The case that was chosen on the map. */
export function SelectedCase({ item, row, onClose }: Props) {
  const { t } = useTranslation();
  const now = useNow(15_000);
  const due = row ? dueWords(t, row, now) : item.due_state === "none" ? "" : t(`due.${item.due_state}`);
  return (
    <div className="sw-map-panel sw-map-dock" data-testid="overview-selected" data-id={item.id}>
      <header>
        <p>
          <CaseGlyph item={item} size={16} /> <b title={item.title}>{item.title}</b>
        </p>
        <button type="button" aria-label={t("map.close")} title={t("map.close")} onClick={onClose}>
          ×
        </button>
      </header>
      <div className="ov-selected">
        <p className="sw-map-soft">
          {item.number} · {t(`state.${item.state}`)}
          {due ? ` · ${due}` : ""}
        </p>
        {row?.place_text ? <p className="sw-map-soft">{row.place_text}</p> : null}
        <Link to={`/cases/${item.id}`}>{t("overview.open_case")}</Link>
      </div>
    </div>
  );
}
