import { Button, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { actOnDirective, type Directive, type DirectiveAction } from "../../api/duty";
import { Sentence } from "../../shared/Blank";
import { useTimes } from "../../shared/time";
import { useDo } from "./useDo";
import "./duty.css";

/** What needs words; the others may have some. */
const NEEDS: DirectiveAction[] = ["report", "return", "withdraw"];

/** One leader's note: what, to whom, by when, how far, and what the viewer may do with it. */
export function DirectiveCard({ one, withCase = false }: { one: Directive; withCase?: boolean }) {
  const { t } = useTranslation();
  const times = useTimes();
  const tone = one.late ? "sw-red" : one.state === "reported" ? "sw-blue" : one.state === "done" ? "sw-green" : "";
  return (
    <li className="du-card" data-testid="directive" data-state={one.state}>
      <div className="du-card-head">
        <b>{t(`directive.kind.${one.kind}`)}</b>
        <span className={tone} data-testid="directive-state">{one.late ? t("directive.late") : t(`directive.state.${one.state}`)}</span>
        <span>{one.person ? `${one.person} · ${one.unit.name}` : one.unit.name}</span>
        <span className="sw-small sw-quiet sw-num du-end">{t("directive.due", { at: times.stamp(one.due_at) })}</span>
      </div>
      {withCase ? <Link to={`/cases/${one.case.id}`} className="sw-link sw-cut">{one.case.number} {one.case.title}</Link> : null}
      <p className="du-text">{one.text}</p>
      <p className="sw-small sw-quiet">{t("directive.given", { name: one.given_by?.name ?? "", at: times.stamp(one.given_at) })}</p>
      {one.report && one.reported_at ? (
        <p className="du-text"><span className="sw-small sw-quiet">{t("directive.reported", { name: one.reported_by?.name ?? "", at: times.stamp(one.reported_at) })} </span>{one.report}</p>
      ) : null}
      {one.checked_at ? (
        <p className="du-text"><span className="sw-small sw-quiet">{t(one.state === "open" || one.state === "reported" ? "directive.sent_back" : `directive.${one.state}`, { name: one.checked_by?.name ?? "", at: times.stamp(one.checked_at) })} </span>{one.check}</p>
      ) : null}
      <Actions one={one} />
    </li>
  );
}

function Actions({ one }: { one: Directive }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState<DirectiveAction | null>(null);
  const [text, setText] = useState("");
  const act = useDo((action: DirectiveAction) => actOnDirective(one, action, text.trim()), () => {
    setOpen(null);
    setText("");
  });
  if (one.actions.length === 0) return null;
  if (open === null)
    return (
      <div className="du-fields">
        {one.actions.map((action) => (
          <Button key={action} size="small" type={action === "report" || action === "pass" ? "primary" : "default"} data-testid={`directive-${action}`}
            onClick={() => setOpen(action)}>{t(`directive.action.${action}`)}</Button>
        ))}
      </div>
    );
  const missing = NEEDS.includes(open) && !text.trim();
  return (
    <div className="du-form">
      <Input.TextArea autoFocus value={text} onChange={(event) => setText(event.target.value)} autoSize={{ minRows: 2, maxRows: 6 }} maxLength={2000}
        placeholder={t(`directive.words.${open}`)} aria-label={t(`directive.words.${open}`)} data-testid="directive-words" />
      <div className="du-fields">
        <Button type="primary" size="small" disabled={missing} loading={act.busy} data-testid="directive-send" onClick={() => act.run(open)}>{t(`directive.action.${open}`)}</Button>
        <Button size="small" onClick={() => setOpen(null)}>{t("common.cancel")}</Button>
      </div>
      {act.refused ? <Sentence tone="red">{act.refused}</Sentence> : null}
    </div>
  );
}
