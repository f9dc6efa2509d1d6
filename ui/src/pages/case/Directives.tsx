import { useQuery } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { caseDirectivesQuery, caseIncidentQuery, giveDirective, openIncident, type CaseDirectives, type GiveForm } from "../../api/duty";
import type { CaseView } from "../../api/types";
import { Sentence } from "../../shared/Blank";
import { useTimes } from "../../shared/time";
import { DirectiveCard } from "../duty/Directive";
import { IncidentCard, LEVELS } from "../duty/IncidentCard";
import { useDo } from "../duty/useDo";
import "./orders.css";

/** What leaders wrote on this case, and how far it is reported upward. */
export function Directives({ view }: { view: CaseView }) {
  const { t } = useTranslation();
  const query = useQuery(caseDirectivesQuery(view.id));
  const [giving, setGiving] = useState(false);
  const found = query.data;
  return (
    <>
      {found && (found.items.length > 0 || found.kinds.length > 0) ? (
        <section className="co" aria-label={t("directive.panel")} data-testid="directives-panel">
          <h2>{t("directive.panel")}{found.items.length > 1 ? <span className="sw-quiet sw-num"> {found.items.length}</span> : null}</h2>
          <ul className="du-cards">{found.items.map((one) => <DirectiveCard key={one.id} one={one} />)}</ul>
          {found.kinds.length > 0 && !giving ? <Button size="small" data-testid="directive-new" onClick={() => setGiving(true)}>{t("directive.new")}</Button> : null}
          {giving ? <Give id={view.id} known={found} onDone={() => setGiving(false)} /> : null}
        </section>
      ) : null}
      <IncidentPart view={view} />
    </>
  );
}

function Give({ id, known, onDone }: { id: string; known: CaseDirectives; onDone: () => void }) {
  const { t } = useTranslation();
  const [kind, setKind] = useState<GiveForm["kind"]>(known.kinds[0]?.kind ?? "urge");
  const [unit, setUnit] = useState(known.units[0]?.code);
  const [login, setLogin] = useState<string>();
  const [text, setText] = useState("");
  const person = known.kinds.some((one) => one.kind === kind && one.person);
  const give = useDo(() => giveDirective(id, { kind, text: text.trim(), unit: person ? null : unit, login: person ? login : null, due_at: null }), onDone);
  const hours = known.kinds.find((one) => one.kind === kind)?.due_hours ?? 0;
  return (
    <div className="du-form" data-testid="directive-form">
      <div className="du-fields">
        <Select className="du-kind" value={kind} onChange={setKind} aria-label={t("directive.kind_name")} data-testid="directive-kind"
          options={known.kinds.map((one) => ({ value: one.kind, label: t(`directive.kind.${one.kind}`) }))} />
        {person ? (
          <Select className="du-kind" value={login} onChange={setLogin} placeholder={t("directive.who")} aria-label={t("directive.who")} data-testid="directive-person"
            options={known.people.map((one) => ({ value: one.login, label: one.name }))} />
        ) : (
          <Select className="du-kind" value={unit} onChange={setUnit} placeholder={t("directive.unit")} aria-label={t("directive.unit")} data-testid="directive-unit"
            options={known.units.map((one) => ({ value: one.code, label: one.name }))} />
        )}
      </div>
      <Input.TextArea autoFocus value={text} onChange={(event) => setText(event.target.value)} autoSize={{ minRows: 2, maxRows: 6 }} maxLength={2000}
        placeholder={t("directive.text")} aria-label={t("directive.text")} data-testid="directive-text" />
      <p className="sw-small sw-quiet">{t("directive.hint", { hours })}</p>
      <div className="du-fields">
        <Button type="primary" size="small" disabled={!text.trim() || (person ? !login : !unit)} loading={give.busy} data-testid="directive-give" onClick={() => give.run(undefined)}>{t("directive.give")}</Button>
        <Button size="small" onClick={onDone}>{t("common.cancel")}</Button>
      </div>
      {give.refused ? <Sentence tone="red">{give.refused}</Sentence> : null}
    </div>
  );
}

function IncidentPart({ view }: { view: CaseView }) {
  const { t } = useTranslation();
  const times = useTimes(view.timezone);
  const found = useQuery(caseIncidentQuery(view.id)).data;
  const [opening, setOpening] = useState(false);
  const [level, setLevel] = useState(4);
  const open = useDo(() => openIncident(view.id, level, view.opened_at), () => setOpening(false));
  if (!found || (!found.incident && !found.may_open)) return null;
  return (
    <section className="co" aria-label={t("incident.panel")} data-testid="incident-panel">
      <h2>{t("incident.panel")}</h2>
      {found.incident ? <div className="du-card"><IncidentCard one={found.incident} /></div> : null}
      {found.may_open && !opening ? <Button size="small" data-testid="incident-new" onClick={() => setOpening(true)}>{t("incident.new")}</Button> : null}
      {opening ? (
        <div className="du-form">
          <div className="du-fields">
            <Select className="du-kind" value={level} onChange={setLevel} aria-label={t("incident.level_name")} data-testid="incident-new-level"
              options={LEVELS.map((value) => ({ value, label: t(`incident.level.${value}`) }))} />
            <Button type="primary" size="small" loading={open.busy} data-testid="incident-open" onClick={() => open.run(undefined)}>{t("incident.open")}</Button>
            <Button size="small" onClick={() => setOpening(false)}>{t("common.cancel")}</Button>
          </div>
          <p className="sw-small sw-quiet">{t("incident.open_hint", { at: times.stamp(view.opened_at) })}</p>
        </div>
      ) : null}
      {open.refused ? <Sentence tone="red">{open.refused}</Sentence> : null}
    </section>
  );
}
