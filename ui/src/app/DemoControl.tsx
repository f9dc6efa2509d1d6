import { useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { arrivingQuery, demoQuery, historyArriving, pause, resume, runAt, startScenario, type Demo, type Scenario } from "../api/demo";
import { problemSentence } from "../api/problem";
import { useNow } from "../shared/clock";
import { span, useTimes } from "../shared/time";
import { PauseIcon, PlayIcon } from "./icons";
import { Menu } from "./Menu";
import "./demo.css";

const SPEEDS = [1, 10, 60, 600];
const MINUTE_MS = 60_000;

/** The demo's time and scenarios: a quiet button in the top bar with a panel under it. */
export default function DemoControl() {
  const { t } = useTranslation();
  const { data: demo } = useQuery(demoQuery);
  const state = !demo ? "" : demo.paused ? t("demo.paused") : t("demo.speed", { speed: demo.speed });
  const label = (
    <span className="dm-label sw-small">
      <span className="dm-word">{t("demo.title")}</span>
      {state ? <span className={demo?.paused ? "dm-state dm-paused" : "dm-state sw-num"} data-testid="demo-state">{state}</span> : null}
    </span>
  );
  return (
    <>
      <div className="dm" title={t("demo.hint")}>
        <Menu wide label={label} title={t("demo.open")} testId="demo">{() => (demo ? <Panel demo={demo} /> : <p className="fr-menu-head sw-quiet">{t("common.loading")}</p>)}</Menu>
      </div>
      <Arriving />
    </>
  );
}

function Panel({ demo }: { demo: Demo }) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const [busy, setBusy] = useState("");
  const [said, setSaid] = useState("");
  const [failed, setFailed] = useState(false);

  async function change(what: string, work: (client: QueryClient) => Promise<Demo>, tell?: (done: Demo) => string): Promise<void> {
    setBusy(what);
    setSaid("");
    try {
      const done = await work(client);
      setFailed(false);
      setSaid(tell?.(done) ?? "");
    } catch (error) {
      setFailed(true);
      setSaid(problemSentence(t, error));
    }
    setBusy("");
  }

  function started(one: Scenario, done: Demo): string {
    const title = i18n.language === "en" ? one.title_en : one.title;
    const long = span(t, one.minutes * MINUTE_MS);
    if (done.paused) return t("demo.started_paused", { title, long });
    if (done.speed === 1) return t("demo.started", { title, long });
    return t("demo.started_real", { title, long, real: span(t, (one.minutes * MINUTE_MS) / done.speed) });
  }

  return (
    <section className="dm-panel" aria-label={t("demo.open")} data-testid="demo-panel" aria-busy={busy !== ""}>
      <Time demo={demo} />
      <div className="dm-row">
        <button type="button" className="dm-button dm-hold" data-testid="demo-pause" disabled={busy !== ""}
          onClick={() => void change("pause", demo.paused ? resume : pause)}>
          {demo.paused ? <PlayIcon /> : <PauseIcon />}
          {demo.paused ? t("demo.resume") : t("demo.pause")}
        </button>
        <div className="dm-speeds" role="group" aria-label={t("demo.speeds")}>
          {SPEEDS.map((speed) => (
            <button key={speed} type="button" className="dm-button sw-num" aria-pressed={demo.speed === speed} aria-label={t("demo.faster", { speed })}
              data-testid={`demo-speed-${speed}`} disabled={busy !== ""} onClick={() => void change("speed", (one) => runAt(one, speed))}>
              {t("demo.speed", { speed })}
            </button>
          ))}
        </div>
      </div>
      <h2 className="dm-title">{t("demo.scenarios")}</h2>
      <ul>
        {demo.scenarios.map((one) => (
          <Offer key={one.name} one={one} busy={busy}
            onStart={() => void change(one.name, (with_) => startScenario(with_, one.name), (done) => started(one, done))} />
        ))}
      </ul>
      <p className={failed ? "dm-said sw-small sw-red" : "dm-said sw-small"} role="status" data-testid="demo-said">{said}</p>
    </section>
  );
}

function Time({ demo }: { demo: Demo }) {
  const { t } = useTranslation();
  const times = useTimes();
  const now = useNow(1000);
  return (
    <div className="dm-time">
      <span className="sw-small sw-quiet">{t("demo.time")}</span>
      <span className="sw-num" data-testid="demo-time">{`${times.date(now)} ${times.seconds(now)}`}</span>
      <span className="sw-small sw-quiet">{demo.paused ? t("demo.stands") : t("demo.runs", { speed: demo.speed })}</span>
    </div>
  );
}

interface OfferProps { one: Scenario; busy: string; onStart: () => void }

function Offer({ one, busy, onStart }: OfferProps) {
  const { t, i18n } = useTranslation();
  const told = { told: one.told, planned: one.planned };
  const how = one.running ? (one.planned ? t("demo.running", told) : t("demo.running_source", { count: one.held_back })) : one.planned ? t("demo.ran", told) : "";
  const title = i18n.language === "en" ? one.title_en : one.title;
  return (
    <li className="dm-offer">
      <div>
        <strong>{title}</strong>
        <p className="sw-small sw-quiet">{t(`demo.about.${one.name}`, { defaultValue: "" })}</p>
        {how ? <p className={one.running ? "sw-small sw-blue sw-num" : "sw-small sw-quiet sw-num"} data-testid={`demo-how-${one.name}`}>{how}</p> : null}
      </div>
      <button type="button" className="dm-button" aria-label={`${t("demo.start")}: ${title}`} data-testid={`demo-start-${one.name}`}
        disabled={busy !== "" || one.running} onClick={onStart}>
        {busy === one.name ? t("demo.starting") : t("demo.start")}
      </button>
    </li>
  );
}

/** How much of the older history is there; when all of it is, what was read before it is read anew. */
function Arriving() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { data: about } = useQuery(arrivingQuery);
  const share = historyArriving(about);
  const was = useRef(share);
  useEffect(() => {
    if (was.current !== null && share === null) void client.invalidateQueries();
    was.current = share;
  }, [client, share]);
  if (share === null) return null;
  return (
    <span className="dm-history sw-small sw-num" title={t("demo.history_hint")} data-testid="history-arriving">
      {t("demo.history", { percent: Math.floor(share * 100) })}
    </span>
  );
}
