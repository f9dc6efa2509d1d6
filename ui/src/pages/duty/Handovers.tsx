import { Button, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { giveHandover, type HandoverRow } from "../../api/duty";
import { useArea } from "../../app/session";
import { Sentence } from "../../shared/Blank";
import { useTimes } from "../../shared/time";
import { useDo } from "./useDo";

/** Hands the shift over: asks once more, because what is signed is not changed. */
export function GiveForm() {
  const { t } = useTranslation();
  const { area } = useArea();
  const [open, setOpen] = useState(false);
  const [text, setText] = useState("");
  const give = useDo(() => giveHandover(area.code, text.trim()), () => setOpen(false));
  if (!open) return <Button data-testid="handover-open" onClick={() => setOpen(true)}>{t("duty.give")}</Button>;
  return (
    <div className="du-form">
      <Input.TextArea autoFocus value={text} onChange={(event) => setText(event.target.value)} autoSize={{ minRows: 2, maxRows: 8 }} maxLength={2000}
        placeholder={t("duty.give_text")} aria-label={t("duty.give_text")} data-testid="handover-text" />
      <p className="sw-small sw-quiet">{t("duty.give_hint")}</p>
      <div className="du-fields">
        <Button type="primary" loading={give.busy} data-testid="handover-give" onClick={() => give.run(undefined)}>{t("duty.give_sign")}</Button>
        <Button onClick={() => setOpen(false)}>{t("common.cancel")}</Button>
      </div>
      {give.refused ? <Sentence tone="red">{give.refused}</Sentence> : null}
    </div>
  );
}

/** The hand-overs before, the newest first, and who has signed and read each. */
export function Handovers({ rows }: { rows: HandoverRow[] }) {
  const { t } = useTranslation();
  const times = useTimes();
  return (
    <section className="du-part" aria-label={t("duty.handovers")}>
      <h2>{t("duty.handovers")}</h2>
      {rows.length === 0 ? <p className="sw-quiet">{t("duty.handovers_none")}</p> : null}
      <ul className="du-handovers">
        {rows.map((row) => (
          <li key={row.id} data-testid="handover-row">
            <Link to={`/duty/handovers/${row.id}`} className="sw-link sw-num">{times.stamp(row.given_at)}</Link>
            <span>{row.given_by?.name} → {row.taken_by?.name ?? <span className="sw-amber">{t("duty.untaken")}</span>}</span>
            {row.taken_at === null ? null : row.read_by
              ? <span className="sw-small sw-quiet">{t("duty.read_by", { name: row.read_by.name })}</span>
              : <span className="sw-small sw-amber">{t("duty.unread")}</span>}
            {row.may_read ? <Link to={`/duty/handovers/${row.id}`} className="sw-link" data-testid="handover-to-read">{t("duty.to_read")}</Link> : null}
          </li>
        ))}
      </ul>
    </section>
  );
}
