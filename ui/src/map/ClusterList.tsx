import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { CaseGlyph } from "./CaseGlyph";
import { caseKind, KINDS } from "./kinds";
import { IconButton } from "./MapFurniture";
import type { MapPoint } from "./shapes";

interface Props {
  items: readonly MapPoint[];
  onPick: (id: string) => void;
  onHover: ((id: string | null) => void) | undefined;
  onClose: () => void;
}

const rank = (item: MapPoint) => KINDS.indexOf(caseKind(item));

/** Cases on one spot, which no zoom can take apart: a list, the most pressing first. */
export function ClusterList({ items, onPick, onHover, onClose }: Props) {
  const { t } = useTranslation();
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => panel.current?.querySelector<HTMLElement>("li button")?.focus(), []);
  useEffect(() => () => onHover?.(null), [onHover]);
  useEffect(() => {
    const close = (event: KeyboardEvent) => {
      if (event.key === "Escape") onClose();
    };
    const element = panel.current;
    element?.addEventListener("keydown", close);
    return () => element?.removeEventListener("keydown", close);
  }, [onClose]);
  const sorted = [...items].sort((a, b) => rank(a) - rank(b));
  return (
    <div ref={panel} className="sw-map-panel sw-map-dock" data-testid="map-cluster-list">
      <header>
        <b>{t("map.cluster", { count: items.length })}</b>
        <IconButton label={t("map.close")} path="M4 4l8 8M12 4l-8 8" onClick={onClose} />
      </header>
      <ul className="sw-map-list">
        {sorted.map((item) => (
          <li key={item.id}>
            <button
              type="button"
              onClick={() => onPick(item.id)}
              onMouseEnter={() => onHover?.(item.id)}
              onMouseLeave={() => onHover?.(null)}
            >
              <CaseGlyph item={item} size={14} />
              <span>{item.title}</span>
              <small className="sw-map-soft">{t(`state.${item.state}`)}</small>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
