import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { camerasQuery } from "../../api/discover";
import type { CameraRow, CameraState } from "../../api/types";
import { useArea } from "../../app/session";
import { Blank, ErrorBlank, Loading } from "../../shared/Blank";
import { setParam, useAddress } from "../../shared/params";
import { useTimes } from "../../shared/time";
import { Head } from "./Head";
import { CameraMark, useSceneName, useSeconds } from "./marks";
import "../../shared/table.css";

const STATES: CameraState[] = ["live", "down", "aim", "unknown", "off"];

/** The cameras that are watched: how each is, since when, and how often it is really looked at. */
export default function Cameras() {
  const { t } = useTranslation();
  const { area } = useArea();
  const [params, change] = useAddress();
  const state = STATES.find((one) => one === params.get("state"));
  const scene = params.get("scene") ?? undefined;
  const q = params.get("q") ?? "";
  const [typed, setTyped] = useState(q);
  const query = useInfiniteQuery({ ...camerasQuery({ area: area.code, state, scene, q: q || undefined }), placeholderData: keepPreviousData });
  const first = query.data?.pages[0];
  const scenes = first?.scenes ?? [];
  const nameOf = useSceneName(scenes);
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  const count = (one: CameraState): number => first?.counts.find((each) => each.state === one)?.count ?? 0;
  const set = (key: string, value: string | undefined) => change((now) => setParam(now, key, value), { replace: true });
  return (
    <div className="cs" data-testid="cameras-page">
      <Head />
      <div className="cs-filters di-filters">
        <label className="di-filter">{t("discover.find")}
          <input type="search" value={typed} maxLength={100} data-testid="cameras-find" 
            onChange={(event) => {
              setTyped(event.target.value);
              // at once, and by no timer: it would take back a click that came in between
              set("q", event.target.value || undefined);
            }} />
        </label>
        <label className="di-filter">{t("discover.scene")}
          <select value={scene ?? ""} onChange={(event) => set("scene", event.target.value || undefined)}>
            <option value="">{t("discover.all")}</option>
            {scenes.map((one) => <option key={one.code} value={one.code}>{nameOf(one.code)}</option>)}
          </select>
        </label>
        <div className="di-states" role="group" aria-label={t("discover.state_is")}>
          {STATES.map((one) => (
            <button key={one} type="button" className="sw-plain di-state" aria-pressed={state === one} data-testid={`state-${one}`} onClick={() => set("state", state === one ? undefined : one)}>
              <CameraMark state={one} /> <span className="sw-num">{count(one)}</span>
            </button>
          ))}
        </div>
      </div>
      {query.isPending ? <Loading rows={10} />
        : query.isError ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />
        : rows.length === 0 ? <Blank title={t("discover.no_cameras")} text={t("discover.no_cameras_text")} testId="cameras-empty" />
        : (
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- wide tables are scrolled by keys too
          <div className="di-scroll" tabIndex={0} role="region" aria-label={t("discover.cameras")}>
            <table className="sw-table">
              <thead><tr>{["name", "state_is", "since", "scene_list", "cadence", "owner"].map((one) => <th key={one} scope="col">{t(`discover.${one}`)}</th>)}</tr></thead>
              <tbody>{rows.map((one) => <Row key={one.id} one={one} nameOf={nameOf} />)}</tbody>
            </table>
            {query.hasNextPage ? <p className="di-more"><Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t("discover.more")}</Button></p> : null}
          </div>
        )}
    </div>
  );
}

function Row({ one, nameOf }: { one: CameraRow; nameOf: (code: string) => string }) {
  const { t } = useTranslation();
  const times = useTimes();
  const seconds = useSeconds();
  return (
    <tr data-testid="camera-row" data-code={one.code}>
      <td className="sw-cut"><Link to={`/cameras/${one.id}`} className="di-link">{one.name}</Link> <span className="sw-small sw-quiet">{one.code}</span></td>
      <td><CameraMark state={one.state} />{one.reason ? <span className="sw-small sw-quiet"> {t(`discover.why.${one.reason}`, { defaultValue: one.reason })}</span> : null}</td>
      <td className="sw-num sw-quiet">{one.since ? times.stamp(one.since) : "—"}</td>
      <td className="sw-cut">{one.scenes.map(nameOf).join(t("common.list")) || "—"}</td>
      <td>
        {one.cadence.length === 0 ? <span className="sw-quiet">—</span> : one.cadence.map((each) => {
          const late = each.reached === null || each.reached > each.promised * 1.5;
          return (
            <span key={each.scene} className={`di-cadence sw-num ${late ? "sw-amber" : ""}`} title={nameOf(each.scene)}>
              {each.reached === null ? t("discover.no_look") : seconds(each.reached)} / {seconds(each.promised)}
            </span>
          );
        })}
      </td>
      <td className="sw-cut sw-quiet">{one.owner ?? "—"}</td>
    </tr>
  );
}
