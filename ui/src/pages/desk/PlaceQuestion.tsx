import { lazy, Suspense, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { DeskItem } from "../../api/types";
import { Bar } from "./Category";
import type { Decision } from "./decide";
import { useDeskKeys } from "./keys";
import { PlaceSearch } from "./PlaceSearch";

const PickMap = lazy(() => import("./PickMap"));
const MOST = 5;

/** Where? The candidates by number, any place by searching, a point on the map, or unknown. */
export function PlaceQuestion({ item, area, onDecide }: { item: DeskItem; area: string; onDecide: (decision: Decision) => void }) {
  const { t } = useTranslation();
  const places = useMemo(() => item.understanding.places.slice(0, MOST), [item.understanding.places]);
  const [mode, setMode] = useState<"list" | "search" | "map">("list");
  const take = (index: number) => {
    const place = places[index];
    return place ? () => onDecide({ kind: "place", place }) : undefined;
  };
  const stay = (): void => onDecide({ kind: "stay", doubt: "place" });
  const { signal } = item;
  const reported = signal && signal.lon !== null && signal.lat !== null ? { lon: signal.lon, lat: signal.lat } : null;
  useDeskKeys({
    1: take(0), 2: take(1), 3: take(2), 4: take(3), 5: take(4), 0: stay,
    "/": () => setMode("search"), m: () => setMode("map"), Escape: mode === "list" ? undefined : () => setMode("list"),
  });
  return (
    <div className="dk-question">
      <h2>{t("desk.ask.place")}</h2>
      {places.length > 0 ? (
        <ol className="dk-options">
          {places.map((place, index) => (
            <li key={place.code}>
              <button type="button" className="sw-plain dk-option" data-testid="desk-place" onClick={take(index)}>
                <kbd>{index + 1}</kbd>
                <span className="dk-option-words">{place.name}</span>
                <Bar share={place.confidence} />
              </button>
            </li>
          ))}
        </ol>
      ) : <p className="sw-quiet">{t("desk.no_places")}</p>}
      {mode === "search" ? <PlaceSearch autoFocus onPick={(place) => onDecide({ kind: "place", place })} onCancel={() => setMode("list")} /> : (
        <button type="button" className="sw-plain dk-option" onClick={() => setMode("search")}><kbd>/</kbd><span className="dk-option-words">{t("desk.search_place")}</span></button>
      )}
      <button type="button" className="sw-plain dk-option" aria-pressed={mode === "map"} data-testid="desk-map-mode" onClick={() => setMode("map")}>
        <kbd>m</kbd><span className="dk-option-words">{t("desk.on_map")}</span>
      </button>
      <button type="button" className="sw-plain dk-option" data-testid="desk-stay" onClick={stay}><kbd>0</kbd><span className="dk-option-words">{t(reported ? "desk.stay_point" : "desk.stay_place")}</span></button>
      <Suspense fallback={<div className="dk-map" />}>
        <PickMap area={area} pins={places} reported={reported} picking={mode === "map"} onPick={(at) => onDecide({ kind: "point", ...at })} onCancel={() => setMode("list")} />
      </Suspense>
      <p className="sw-small sw-quiet">{t("desk.teaches.place")}</p>
    </div>
  );
}
