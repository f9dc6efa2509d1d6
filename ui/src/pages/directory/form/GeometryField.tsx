import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { useArea } from "../../../app/session";

const RecordMap = lazy(() => import("../map/RecordMap"));

/** The border of a grid: corners are drawn on the map, and snap to the neighbours'. */
export function GeometryField({ value, onChange, label }: { value: unknown; onChange: (geometry: object) => void; label: string }) {
  const { t } = useTranslation();
  const { area } = useArea();
  const known = typeof value === "object" && value !== null;
  return (
    <div className="di-field di-field-tall" data-testid="field-geometry">
      <span>{label}</span>
      <div>
        <p className="sw-small sw-quiet">{t(known ? "dir.form.border_edit" : "dir.form.border_new")}</p>
        <Suspense fallback={<div className="di-map" />}>
          <RecordMap area={area.code} point={null} geometry={known ? value : null} onGeometry={onChange} />
        </Suspense>
      </div>
    </div>
  );
}
