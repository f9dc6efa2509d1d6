import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { dutyKeys, dutyQuery } from "../../api/duty";
import { useDutyHours, useOnDuty } from "../../app/OnDuty";
import { useArea, useCan } from "../../app/session";
import { useLiveEntries } from "../../live/LiveProvider";
import { ErrorBlank, Loading } from "../../shared/Blank";
import { setParam, useAddress } from "../../shared/params";
import { DirectiveList } from "./DirectiveList";
import { GiveForm, Handovers } from "./Handovers";
import { Incidents } from "./Incidents";
import { Log } from "./Log";
import { OpenItems } from "./OpenItems";
import { Waiting } from "./Waiting";
import "../cases/cases.css";
import "./duty.css";

const TABS = ["shift", "directives", "incidents"] as const;
/** What changes the room, told live. */
const OURS = /^(duty|directive|incident|notify)\./;

/** The duty room: the shift that runs, leaders' notes that are not done, incidents reported upward. */
export default function Duty() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const can = useCan();
  const [params, change] = useAddress();
  const tabs = TABS.filter((one) => one !== "shift" || can("duty.read"));
  const tab = tabs.find((one) => one === params.get("tab")) ?? tabs[0];
  useLiveEntries((entry) => {
    if (!entry || OURS.test(entry.action)) void client.invalidateQueries({ queryKey: dutyKeys.all });
  });
  return (
    <div className="cs du" data-testid="duty-page">
      <div className="cs-top">
        <div className="cs-tabs" role="tablist">
          {tabs.map((one) => (
            <button key={one} type="button" role="tab" aria-selected={tab === one} className="sw-plain cs-tab" data-testid={`duty-tab-${one}`}
              onClick={() => change(setParam(new URLSearchParams(), "tab", one === "shift" ? undefined : one))}>
              {t(`duty.tab.${one}`)}
            </button>
          ))}
        </div>
      </div>
      <div className="du-scroll">
        {tab === "shift" ? <Shift /> : tab === "directives" ? <DirectiveList /> : <Incidents />}
      </div>
    </div>
  );
}

function Shift() {
  const { t } = useTranslation();
  const { area } = useArea();
  const query = useQuery(dutyQuery(area.code));
  if (query.isPending) return <Loading rows={12} />;
  if (query.isError) return <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />;
  const room = query.data;
  const waiting = room.handovers.find(({ id }) => id === room.waiting);
  return (
    <>
      {waiting ? <Waiting row={waiting} /> : null}
      <div className="du-shift">
        <div>
          <Log lines={room.log} since={room.since} mayWrite={room.may_write} />
        </div>
        <div>
          <People leading={room.leading} />
          <section className="du-part" aria-label={t("duty.open.title")}>
            <h2>{t("duty.open.title")}</h2>
            <OpenItems groups={room.groups} />
            {room.may_give ? <GiveForm /> : null}
          </section>
          <Handovers rows={room.handovers} />
        </div>
      </div>
    </>
  );
}

/** Who is on duty by the roster. */
function People({ leading }: { leading: boolean }) {
  const { t } = useTranslation();
  const people = useOnDuty();
  const hours = useDutyHours();
  return (
    <section className="du-part" aria-label={t("duty.people")} data-testid="duty-people">
      <h2>{t("duty.people")}</h2>
      {people.length === 0 ? <p className="sw-quiet">{t("duty.no_roster")}</p> : null}
      <ul className="du-people">
        {people.map((one) => (
          <li key={`${one.post} ${one.name} ${one.hours}`}>
            <b>{one.name}</b> <span className="sw-quiet">{t(`post.${one.post}`, { defaultValue: one.post })} · {one.unit_name}</span>
            <span className="sw-num sw-quiet du-end">{hours(one)}</span>
          </li>
        ))}
      </ul>
      {leading ? <p className="sw-small" data-testid="duty-leading">{t("duty.leading")}</p> : null}
    </section>
  );
}
