import { Button, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { writeLine, type DutyLine, type LineForm } from "../../api/duty";
import { useArea } from "../../app/session";
import { Sentence } from "../../shared/Blank";
import { useTimes } from "../../shared/time";
import { useDo } from "./useDo";

export const KINDS: LineForm["kind"][] = ["call", "order_above", "notice", "patrol", "visit", "weather", "incident", "other"];
const LONGEST = 2000;

/** The log of the shift, the newest line first; a line is never changed, only followed by another. */
export function Log({ lines, since, mayWrite }: { lines: DutyLine[]; since: string | null; mayWrite: boolean }) {
  const { t } = useTranslation();
  const times = useTimes();
  return (
    <section className="du-part" aria-label={t("duty.log.title")}>
      <h2>{t("duty.log.title")} <span className="sw-small sw-quiet sw-num">{since ? t("duty.log.since", { at: times.stamp(since) }) : t("duty.log.first")}</span></h2>
      {mayWrite ? <LineInput /> : null}
      {lines.length === 0 ? <p className="sw-quiet" data-testid="log-empty">{t("duty.log.empty")}</p> : <Lines lines={lines} />}
    </section>
  );
}

export function Lines({ lines }: { lines: DutyLine[] }) {
  const { t } = useTranslation();
  const times = useTimes();
  return (
    <ol className="du-log">
      {lines.map((one) => (
        <li key={one.id} data-testid="log-line">
          <div className="du-line-head sw-small sw-quiet">
            <time className="sw-num" dateTime={one.happened_at}>{times.stamp(one.happened_at)}</time>
            <span>{t(`duty.kind.${one.kind}`)}</span>
            {one.by ? <span>{one.by.name}</span> : null}
            {one.case ? <Link to={`/cases/${one.case.id}`} className="sw-link sw-num">{one.case.number}</Link> : null}
          </div>
          <p>{one.text}</p>
          {one.masked > 0 ? <p className="sw-small sw-quiet">{t(one.case ? "duty.log.masked_case" : "duty.log.masked", { count: one.masked })}</p> : null}
        </li>
      ))}
    </ol>
  );
}

function LineInput() {
  const { t } = useTranslation();
  const { area } = useArea();
  const [kind, setKind] = useState<LineForm["kind"]>("call");
  const [text, setText] = useState("");
  const [number, setNumber] = useState("");
  const write = useDo(() => writeLine({ kind, text: text.trim(), case: number.trim() || null, area: area.code }), () => {
    setText("");
    setNumber("");
  });
  return (
    <form className="du-form" onSubmit={(event) => {
      event.preventDefault();
      if (text.trim()) write.run(undefined);
    }}>
      <div className="du-fields">
        <Select className="du-kind" value={kind} onChange={setKind} aria-label={t("duty.log.kind")} data-testid="log-kind"
          options={KINDS.map((value) => ({ value, label: t(`duty.kind.${value}`) }))} />
        <Input className="du-number" value={number} onChange={(event) => setNumber(event.target.value)} maxLength={40} placeholder={t("duty.log.case")} aria-label={t("duty.log.case")} data-testid="log-case" />
      </div>
      <Input.TextArea value={text} onChange={(event) => setText(event.target.value)} autoSize={{ minRows: 2, maxRows: 6 }} maxLength={LONGEST}
        placeholder={t("duty.log.text")} aria-label={t("duty.log.text")} data-testid="log-text"
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && text.trim()) write.run(undefined);
        }} />
      <div className="du-fields">
        <Button type="primary" htmlType="submit" disabled={!text.trim()} loading={write.busy} data-testid="log-write">{t("duty.log.write")}</Button>
        <span className="sw-small sw-quiet">{t("duty.log.hint")}</span>
      </div>
      {write.refused ? <Sentence tone="red">{write.refused}</Sentence> : null}
    </form>
  );
}
