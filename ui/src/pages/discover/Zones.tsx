import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { drawZones } from "../../api/discover";
import type { WatchedCamera, ZoneBody } from "../../api/types";
import { Sentence } from "../../shared/Blank";
import { Look } from "./Look";
import { useSceneName } from "./marks";
import { Picture } from "./Picture";
import { useChange } from "./useChange";

const SQUARE: ZoneBody["corners"] = [{ x: 0.3, y: 0.4 }, { x: 0.7, y: 0.4 }, { x: 0.7, y: 0.8 }, { x: 0.3, y: 0.8 }];

const drafted = (camera: WatchedCamera): ZoneBody[] =>
  camera.zones.map((one) => ({
    scene: one.scene, name: one.name, corners: one.corners,
    ground: one.lon !== null && one.lat !== null && one.metres !== null ? { lon: one.lon, lat: one.lat, metres: one.metres } : null,
  }));

/** The zones of a camera over what it shows now; who sets cameras up draws them. */
export function Zones({ camera }: { camera: WatchedCamera }) {
  const { t } = useTranslation();
  const nameOf = useSceneName(camera.scenes);
  const [draft, setDraft] = useState<ZoneBody[] | null>(null);
  const [active, setActive] = useState(0);
  const [picture, setPicture] = useState<string | null>(null);
  const { run, busy, refused, forget } = useChange((zones: ZoneBody[]) => drawZones(camera, zones), () => setDraft(null));
  const zones = draft ?? drafted(camera);
  const change = (index: number, to: Partial<ZoneBody>): void => setDraft(zones.map((one, at) => (at === index ? { ...one, ...to } : one)));
  const stop = (): void => {
    setDraft(null);
    forget();
  };
  return (
    <section className="di-part" aria-label={t("discover.zones")}>
      <div className="di-part-head">
        <h2>{t("discover.zones")}</h2>
        {camera.may_set_up && !draft ? <Button size="small" data-testid="zones-draw" onClick={() => setDraft(drafted(camera))}>{t("discover.draw")}</Button> : null}
      </div>
      <Picture src={picture} zones={zones} nameOf={nameOf} active={draft ? active : null} onActive={setActive} onCorners={(index, corners) => change(index, { corners })} />
      <Look camera={camera} onPicture={setPicture} />
      {draft ? (
        <div className="di-zones" data-testid="zones-editor">
          <p className="sw-small sw-quiet">{t("discover.draw_hint")}</p>
          {zones.map((one, index) => (
            <div key={index} className="di-zone" data-active={index === active || undefined} onFocus={() => setActive(index)}>
              <label className="di-field">{t("discover.scene")}
                <select value={one.scene} onChange={(event) => change(index, { scene: event.target.value })}>
                  {camera.scenes.map((scene) => <option key={scene.code} value={scene.code}>{nameOf(scene.code)}</option>)}
                </select>
              </label>
              <label className="di-field">{t("discover.zone_name")}
                <input value={one.name} maxLength={60} data-testid={`zone-name-${index}`} onChange={(event) => change(index, { name: event.target.value })} />
              </label>
              <label className="di-check"><input type="checkbox" checked={one.ground !== null && one.ground !== undefined}
                onChange={(event) => change(index, { ground: event.target.checked ? { lon: camera.lon, lat: camera.lat, metres: 30 } : null })} />{t("discover.ground")}</label>
              {one.ground ? (["lon", "lat", "metres"] as const).map((name) => (
                <label key={name} className="di-field">{t(`discover.ground_${name}`)}
                  <input type="number" step={name === "metres" ? 1 : 0.00001} value={one.ground?.[name]} onChange={(event) => one.ground && change(index, { ground: { ...one.ground, [name]: Number(event.target.value) } })} />
                </label>
              )) : null}
              <Button size="small" type="text" data-testid={`zone-remove-${index}`} onClick={() => setDraft(zones.filter((_, at) => at !== index))}>{t("discover.remove")}</Button>
            </div>
          ))}
          {refused ? <Sentence tone="red">{refused}</Sentence> : null}
          <div className="di-buttons">
            <Button size="small" disabled={camera.scenes.length === 0} data-testid="zone-add"
              onClick={() => {
                setActive(zones.length);
                setDraft([...zones, { scene: camera.scenes[0]!.code, name: t("discover.zone_new", { n: zones.length + 1 }), corners: SQUARE, ground: null }]);
              }}>{t("discover.add_zone")}</Button>
            <Button size="small" type="primary" loading={busy} data-testid="zones-save" onClick={() => run(zones)}>{t("discover.save")}</Button>
            <Button size="small" onClick={stop}>{t("common.cancel")}</Button>
          </div>
        </div>
      ) : zones.length === 0 ? <p className="sw-quiet">{t("discover.no_zones")}</p> : (
        <ul className="di-lines">
          {camera.zones.map((one) => (
            <li key={one.id}>{nameOf(one.scene)} · {one.name}{one.metres !== null ? <span className="sw-quiet"> · {t("discover.ground_is", { metres: one.metres, count: one.metres })}</span> : null}</li>
          ))}
        </ul>
      )}
    </section>
  );
}
