import { useTranslation } from "react-i18next";
import { DEVICE_METRES_PER_PIXEL } from "../../map/wedge";
import type { ViewInfo } from "../../map/shapes";
import { DEVICE_KINDS, type DeviceKind } from "./useDevices";

interface Props {
  on: readonly DeviceKind[];
  none: readonly DeviceKind[];
  view: ViewInfo | null;
  onChange: (on: readonly DeviceKind[]) => void;
}

/** Switches cameras and sensors on and off, and says why none is to be seen. */
export function LayerSwitch({ on, none, view, onChange }: Props) {
  const { t } = useTranslation();
  const far = view !== null && view.metresPerPixel > DEVICE_METRES_PER_PIXEL;
  return (
    <div className="sw-map-panel sw-map-layers" role="group" aria-label={t("map.devices")}>
      {DEVICE_KINDS.map((kind) => {
        const isOn = on.includes(kind);
        const why = !isOn ? "" : none.includes(kind) ? t("map.device_none") : far ? t("map.device_closer") : "";
        return (
          <button key={kind} type="button" aria-pressed={isOn} data-testid={`layer-${kind}`}
            onClick={() => onChange(isOn ? on.filter((one) => one !== kind) : [...on, kind])}>
            <DeviceGlyph kind={kind} />
            {t(`map.device.${kind}`)}
            {why ? <span className="sw-map-soft">{why}</span> : null}
          </button>
        );
      })}
    </div>
  );
}

function DeviceGlyph({ kind }: { kind: DeviceKind }) {
  return (
    <svg width="14" height="14" viewBox="0 0 14 14" fill="none" stroke="currentColor" strokeWidth="1.4" aria-hidden="true">
      {kind === "camera" ? <><path d="M4 10 13 6a9 9 0 0 0-5-5z" fill="currentColor" stroke="none" opacity="0.4" /><circle cx="4" cy="10" r="2.6" /></> : <path d="M7 2 12 7 7 12 2 7z" />}
    </svg>
  );
}
