import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { OpenGroup, OpenItem } from "../../api/duty";
import { StateMark } from "../../shared/StateMark";
import { useTimes } from "../../shared/time";

/** What is open, by kind; a kind opens to what it counts. ``signed``: as it was when it was signed. */
export function OpenItems({ groups, signed = false }: { groups: OpenGroup[]; signed?: boolean }) {
  return <ul className="du-groups">{groups.map((one) => <Group key={one.group} group={one} signed={signed} />)}</ul>;
}

function Group({ group, signed }: { group: OpenGroup; signed: boolean }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const settled = group.items.filter((one) => one.settled).length;
  const more = group.count - group.items.length;
  return (
    <li data-testid={`open-${group.group}`}>
      <button type="button" className="sw-plain du-group" aria-expanded={open} disabled={group.count === 0} onClick={() => setOpen(!open)}>
        <span>{t(`duty.open.${group.group}`)}</span>
        <b className={`sw-num ${group.count > 0 ? (group.group === "directives" ? "" : "sw-red") : "sw-quiet"}`} data-testid={`open-count-${group.group}`}>{group.count}</b>
        {signed && settled > 0 ? <span className="sw-small sw-green">{t("duty.open.settled", { count: settled })}</span> : null}
      </button>
      {open ? (
        <ul className="du-items">
          {group.items.map((one) => <Item key={one.id} group={group.group} one={one} />)}
          {more > 0 ? <li className="sw-small sw-quiet">{t("duty.open.more", { count: more })}</li> : null}
        </ul>
      ) : null}
    </li>
  );
}

function Item({ group, one }: { group: OpenGroup["group"]; one: OpenItem }) {
  const { t } = useTranslation();
  const times = useTimes();
  const detail = one.detail === null ? null : t(`duty.detail.${group}.${one.detail.replace(".", "_")}`, { defaultValue: "" });
  return (
    <li className="du-item" data-testid="open-item">
      <Link to={`/cases/${one.case_id}`} className="sw-link sw-num">{one.number}</Link>
      <span className="sw-cut">{one.title}</span>
      {detail ? <span className="sw-small sw-quiet">{detail}</span> : null}
      {one.due_at ? <time className="sw-small sw-quiet sw-num" dateTime={one.due_at}>{t("duty.open.due", { at: times.stamp(one.due_at) })}</time> : null}
      {one.settled ? <span className="sw-small sw-green">{t("duty.open.done")}</span> : one.state ? <StateMark state={one.state} /> : null}
    </li>
  );
}
