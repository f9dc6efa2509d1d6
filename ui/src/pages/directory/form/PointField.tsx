import { Input } from "antd";
import { lazy, Suspense, useId } from "react";
import { useTranslation } from "react-i18next";
import type { Kind } from "../../../api/directory";
import { useArea } from "../../../app/session";
import { sightOf } from "../../../map/wedge";
import { settled, type Values } from "../draft";

const RecordMap = lazy(() => import("../map/RecordMap"));
const DIGITS = 6;

/** Two numbers, or one click on the map. */
export function PointField({ kind, values, onChange, lacking }: { kind: Kind; values: Values; onChange: (part: Values) => void; lacking: boolean }) {
  const { t } = useTranslation();
  const { area } = useArea();
  const id = useId();
  const required = kind.columns.some(({ name, required: must }) => name === "lon" && must);
  const { lon, lat } = values;
  const [x, y] = [settled(lon), settled(lat)];
  const point = typeof x === "number" && typeof y === "number" && Math.abs(y) < 90 ? { lon: x, lat: y } : null;
  const sight = sightOf({ direction: settled(values["direction"]), field_of_view: settled(values["field_of_view"]) });
  const text = (value: unknown): string => (value === null || value === undefined ? "" : String(value as number));
  return (
    <div className="di-field" data-testid="field-point" data-lacking={lacking || undefined}>
      <label htmlFor={id}>{t("dir.point")}{required ? <span className="sw-amber" title={t("common.required")}> *</span> : null}</label>
      <div>
        <div className="di-point">
          <Input id={id} value={text(lon)} inputMode="decimal" aria-label={t("dir.lon")} placeholder={t("dir.lon")} data-testid="lon"
            onChange={(event) => onChange({ lon: event.target.value || null })} />
          <Input value={text(lat)} inputMode="decimal" aria-label={t("dir.lat")} placeholder={t("dir.lat")} data-testid="lat"
            onChange={(event) => onChange({ lat: event.target.value || null })} />
        </div>
        <p className="sw-small sw-quiet">{t("dir.form.pick")}</p>
        <Suspense fallback={<div className="di-map" />}>
          <RecordMap area={area.code} point={point} geometry={null} sight={sight}
            onPoint={(at) => onChange({ lon: Number(at.lon.toFixed(DIGITS)), lat: Number(at.lat.toFixed(DIGITS)) })} />
        </Suspense>
      </div>
    </div>
  );
}
