import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { setThreshold } from "../../api/discover";
import type { Threshold, WatchedCamera } from "../../api/types";
import { Sentence } from "../../shared/Blank";
import { useTimes } from "../../shared/time";
import { useSceneName } from "./marks";
import { useChange } from "./useChange";

const percent = (share: number): number => Math.round(share * 100);

/** From how sure on each scene counts here: the scene's own, what verdicts have set, or a person. */
export function Thresholds({ camera }: { camera: WatchedCamera }) {
  const { t } = useTranslation();
  const nameOf = useSceneName(camera.scenes);
  if (camera.thresholds.length === 0) return null;
  return (
    <section className="di-part" aria-label={t("discover.thresholds")}>
      <h2>{t("discover.thresholds")}</h2>
      <p className="sw-small sw-quiet">{t("discover.thresholds_hint")}</p>
      <ul className="di-lines" data-testid="thresholds">
        {camera.thresholds.map((one) => <Line key={one.scene} camera={camera} one={one} name={nameOf(one.scene)} />)}
      </ul>
    </section>
  );
}

function Line({ camera, one, name }: { camera: WatchedCamera; one: Threshold; name: string }) {
  const { t } = useTranslation();
  const times = useTimes();
  const [asked, setAsked] = useState<string | null>(null);
  const { run, busy, refused } = useChange((least: number | null) => setThreshold(camera, one.scene, least), () => setAsked(null));
  return (
    <li className="di-threshold" data-scene={one.scene} data-by={one.by}>
      <span className="di-threshold-name">{name}</span>
      <span className="sw-num" data-testid="threshold-least">{percent(one.least)}%</span>
      <span className="sw-small sw-quiet sw-num">
        {[
          one.by === "scene" ? t("discover.by.scene") : t(`discover.by.${one.by}`, { shipped: percent(one.shipped) }),
          one.since ? t("discover.from", { at: times.stamp(one.since) }) : "",
          one.by === "hand" ? "" : t("discover.counted", { right: one.right, wrong: one.wrong, needed: one.needed }),
        ].filter(Boolean).join(" · ")}
      </span>
      {camera.may_set_up && asked === null ? (
        <span className="di-threshold-do">
          {one.by === "scene" ? null : <Button size="small" type="text" loading={busy} data-testid="threshold-back" onClick={() => run(null)}>{t("discover.threshold_back")}</Button>}
          <Button size="small" type="text" data-testid="threshold-set" onClick={() => setAsked(String(percent(one.least)))}>{t("discover.threshold_set")}</Button>
        </span>
      ) : null}
      {asked !== null ? (
        <form className="di-threshold-do" onSubmit={(event) => {
          event.preventDefault();
          if (!busy) run(Number(asked) / 100);
        }}>
          <label className="di-filter sw-small">{t("discover.threshold_percent")}
            <input type="number" min={5} max={95} step={1} required value={asked} data-testid="threshold-percent" onChange={(event) => setAsked(event.target.value)} />
          </label>
          <Button size="small" type="primary" htmlType="submit" loading={busy} data-testid="threshold-save">{t("discover.save")}</Button>
          <Button size="small" onClick={() => setAsked(null)}>{t("common.cancel")}</Button>
        </form>
      ) : null}
      {refused ? <Sentence tone="red">{refused}</Sentence> : null}
    </li>
  );
}
