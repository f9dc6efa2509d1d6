import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import { acceptView, cameraQuery, findingsQuery, setUp, switchOff, switchOn } from "../../api/discover";
import type { SetUpBody, WatchedCamera } from "../../api/types";
import { useCan } from "../../app/session";
import { ErrorBlank, Loading, Sentence } from "../../shared/Blank";
import { useTimes } from "../../shared/time";
import { CadenceCharts } from "./CadenceCharts";
import { FindingCard } from "./FindingCard";
import { Head } from "./Head";
import { CameraMark, useSceneName } from "./marks";
import { Push } from "./Push";
import { SetUpForm } from "./SetUpForm";
import { Thresholds } from "./Thresholds";
import { useChange } from "./useChange";
import { Zones } from "./Zones";

/** One camera: who answers for it, its zones over what it shows, outages, cadence, findings. */
export default function CameraPage() {
  const { id = "" } = useParams();
  const query = useQuery(cameraQuery(id));
  return (
    <div className="cs" data-testid="camera-page">
      <Head />
      {query.isPending ? <Loading rows={8} />
        : query.isError ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />
        : <One key={query.data.id} camera={query.data} />}
    </div>
  );
}

function One({ camera }: { camera: WatchedCamera }) {
  const { t } = useTranslation();
  const times = useTimes();
  const can = useCan();
  return (
    <div className="di-camera">
      <header className="di-title">
        <h1>{camera.name}</h1>
        <span className="sw-quiet sw-num">{camera.code}</span>
        <CameraMark state={camera.state} />
        <span className="sw-small sw-quiet sw-num">
          {[camera.since ? t("discover.from", { at: times.stamp(camera.since) }) : "", camera.reason ? t(`discover.why.${camera.reason}`, { defaultValue: camera.reason }) : ""].filter(Boolean).join(" · ")}
        </span>
        {camera.may_set_up ? <OnOff camera={camera} /> : null}
      </header>
      {camera.state === "aim" ? <Aim camera={camera} /> : null}
      <div className="di-columns">
        <div>
          <Zones key={camera.zones_version} camera={camera} />
          {can("camera.watch") ? <CameraFindings camera={camera} /> : null}
        </div>
        <div>
          <Answers camera={camera} />
          <Push camera={camera} />
          <Thresholds camera={camera} />
          <CadenceCharts camera={camera} />
          <Outages camera={camera} />
        </div>
      </div>
    </div>
  );
}

/** It shows another view than was meant: aim it again, or take what it shows now for right. */
function Aim({ camera }: { camera: WatchedCamera }) {
  const { t } = useTranslation();
  const { run, busy, refused } = useChange(() => acceptView(camera));
  return (
    <div className="di-aim" data-testid="aim">
      <Sentence tone="amber">{t(camera.reason === "covered" ? "discover.aim_covered" : "discover.aim_moved")}</Sentence>
      {camera.may_set_up ? <Button size="small" loading={busy} data-testid="view-accept" onClick={() => run(undefined)}>{t("discover.accept_view")}</Button> : null}
      {refused ? <Sentence tone="red">{refused}</Sentence> : null}
    </div>
  );
}

const OFF = ["maintenance", "no_need", "relocated", "objection", "other"] as const;

function OnOff({ camera }: { camera: WatchedCamera }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const on = useChange(() => switchOn(camera));
  const off = useChange((why: (typeof OFF)[number]) => switchOff(camera, why), () => setAsking(false));
  const refused = on.refused ?? off.refused;
  return (
    <div className="di-onoff">
      {camera.on
        ? <Button size="small" data-testid="camera-off" aria-expanded={asking} onClick={() => setAsking(!asking)}>{t("discover.switch_off")}</Button>
        : <Button size="small" type="primary" data-testid="camera-on" loading={on.busy} disabled={camera.lacks.length > 0} onClick={() => on.run(undefined)}>{t("discover.switch_on")}</Button>}
      {!camera.on && camera.lacks.length > 0 ? <span className="sw-small sw-quiet" data-testid="camera-lacks">{t("discover.lacks", { what: camera.lacks.map((one) => t(`discover.lack.${one}`)).join(t("common.list")) })}</span> : null}
      {asking ? (
        <fieldset className="di-wrong">
          <legend className="sw-small">{t("discover.off_why")}</legend>
          {OFF.map((one) => <Button key={one} size="small" disabled={off.busy} data-testid={`off-${one}`} onClick={() => off.run(one)}>{t(`discover.why.${one}`)}</Button>)}
        </fieldset>
      ) : null}
      {refused ? <Sentence tone="red">{refused}</Sentence> : null}
    </div>
  );
}

/** Who answers for it: unit, purpose, approval; the address is never shown. */
function Answers({ camera }: { camera: WatchedCamera }) {
  const { t } = useTranslation();
  const times = useTimes();
  const [changing, setChanging] = useState(false);
  const { run, busy, refused } = useChange((body: SetUpBody) => setUp(camera, body), () => setChanging(false));
  const facts: [string, string | null][] = [
    ["owner", camera.owner],
    ["purpose", camera.purpose],
    ["approval", camera.approval],
    ["approved_until", camera.approved_until ? times.stamp(camera.approved_until) : null],
    ["kind", t(`discover.kinds.${camera.kind}`)],
    ["channel", camera.channel],
    ["gateway", camera.gateway ? t("discover.gateway_is", { name: camera.gateway.name, count: camera.gateway.streams_max }) : null],
    ["address", camera.has_address ? t("discover.address_there") : null],
  ];
  return (
    <section className="di-part" aria-label={t("discover.answers")}>
      <div className="di-part-head">
        <h2>{t("discover.answers")}</h2>
        {camera.may_set_up && !changing ? <Button size="small" data-testid="set-up-change" onClick={() => setChanging(true)}>{t("discover.change")}</Button> : null}
      </div>
      {changing ? <SetUpForm camera={camera} busy={busy} refused={refused} onSave={run} onCancel={() => setChanging(false)} /> : (
        <dl className="di-facts">
          {facts.filter(([name, value]) => value !== null || ["owner", "purpose", "approval", "approved_until"].includes(name)).map(([name, value]) => (
            <div key={name}><dt>{t(`discover.${name}`)}</dt><dd>{value ?? <span className="sw-quiet">{t("discover.not_there")}</span>}</dd></div>
          ))}
        </dl>
      )}
    </section>
  );
}

function Outages({ camera }: { camera: WatchedCamera }) {
  const { t } = useTranslation();
  const times = useTimes();
  return (
    <section className="di-part" aria-label={t("discover.outages")}>
      <h2>{t("discover.outages")}</h2>
      {camera.outages.length === 0 ? <p className="sw-quiet">{t("discover.no_outages")}</p> : (
        <ul className="di-lines" data-testid="outages">
          {camera.outages.map((one) => (
            <li key={one.id} className="sw-num">
              {times.stamp(one.began_at)} – {one.ended_at ? times.stamp(one.ended_at) : <span className="sw-red">{t("discover.still")}</span>}
              <span className="sw-quiet"> {t(`discover.why.${one.reason}`, { defaultValue: one.reason })}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function CameraFindings({ camera }: { camera: WatchedCamera }) {
  const { t } = useTranslation();
  const query = useInfiniteQuery(findingsQuery({ area: camera.area, camera: camera.id }));
  const nameOf = useSceneName(camera.scenes);
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <section className="di-part" aria-label={t("discover.findings")}>
      <h2>{t("discover.findings")}</h2>
      {query.isPending ? <Loading rows={3} />
        : query.isError ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />
        : rows.length === 0 ? <p className="sw-quiet">{t("discover.none")}</p>
        : <ul>{rows.map((one) => <li key={one.id}><FindingCard finding={one} scene={nameOf(one.scene)} withCamera={false} /></li>)}</ul>}
      {query.hasNextPage ? <Button size="small" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t("discover.more")}</Button> : null}
    </section>
  );
}
