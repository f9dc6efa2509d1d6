import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { problemSentence } from "../../api/problem";
import { explainLine, reconcileKeys } from "../../api/reconcile";
import type { Reconciliation, ReconcileLine } from "../../api/types";
import { Sentence } from "../../shared/Blank";
import { useTimes } from "../../shared/time";

/** What one side says: a state or a time, as people read it. */
function useSide() {
  const { t } = useTranslation();
  const times = useTimes();
  return (line: ReconcileLine, said: string): string => {
    if (/^\d{4}-\d\d-\d\dT/.test(said)) return times.stamp(said);
    if (said === "—") return t("reconcile.nothing");
    if (line.kind === "call_back" && line.why === "differs") {
      return said.split(" ").map((word) => t(`reconcile.word.${word === "—" ? "unsaid" : word}`)).join(t("common.list"));
    }
    return t(`reconcile.word.${line.kind === "exclusion" ? `x_${said}` : said}`);
  };
}

/** A difference: what it is, why, what an officer said of it; or the form to say so. */
export function ReconcileRow({ line, view }: { line: ReconcileLine; view: Reconciliation }) {
  const { t, i18n } = useTranslation();
  const times = useTimes();
  const side = useSide();
  const [open, setOpen] = useState(false);
  const reason = view.reasons.find(({ code }) => code === line.because);
  const days = line.first_day === line.last_day ? line.first_day : `${line.first_day} – ${line.last_day}`;
  return (
    <li className="rc-line" data-testid="reconcile-line" data-number={line.number} data-state={line.state}>
      <div className="rc-what">
        <span className="sw-num">{line.number}</span>
        <span className={line.state === "open" ? "sw-amber" : "sw-quiet"}>{t(`reconcile.kind.${line.kind}`)}</span>
        <span className="sw-small sw-quiet sw-num">{days}</span>
        {line.case ? <Link to={`/cases/${line.case.id}`} className="sw-link sw-cut" title={line.case.title}>{line.case.number} {line.case.title}</Link> : null}
      </div>
      <p className="rc-why">{t(`reconcile.why.${line.kind}.${line.why}`)}</p>
      <p className="sw-small sw-quiet">{t("reconcile.sides", { ours: side(line, line.ours), theirs: side(line, line.theirs) })}</p>
      {line.state === "explained" || line.text ? (
        <p className="rc-said" data-testid="reconcile-said">
          {reason ? <strong>{i18n.language === "en" ? reason.name_en : reason.name}</strong> : null} {line.text}{" "}
          <span className="sw-small sw-quiet">{line.explained_by} {line.explained_at ? times.stamp(line.explained_at) : ""}</span>
        </p>
      ) : null}
      {line.gone_at ? <p className="sw-small sw-green">{t("reconcile.gone_at", { at: times.stamp(line.gone_at) })}</p> : null}
      {view.may_explain && line.state !== "gone" && !open ? (
        <Button size="small" data-testid="reconcile-explain" onClick={() => setOpen(true)}>{t(line.state === "explained" ? "reconcile.explain_anew" : "reconcile.explain")}</Button>
      ) : null}
      {open ? <Explain line={line} view={view} onDone={() => setOpen(false)} /> : null}
    </li>
  );
}

function Explain({ line, view, onDone }: { line: ReconcileLine; view: Reconciliation; onDone: () => void }) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const [because, setBecause] = useState<string>();
  const [text, setText] = useState("");
  const say = useMutation({
    mutationFn: () => explainLine(line, because ?? "", text),
    onSuccess: onDone,
    onSettled: () => void client.invalidateQueries({ queryKey: reconcileKeys }),
  });
  const ready = because !== undefined && text.trim() !== "";
  return (
    <form className="rc-form" data-testid="reconcile-form" onSubmit={(event) => {
      event.preventDefault();
      if (ready) say.mutate();
    }}>
      <Select autoFocus placeholder={t("reconcile.choose")} aria-label={t("reconcile.choose")} value={because} onChange={setBecause} popupMatchSelectWidth={false}
        options={view.reasons.map((one) => ({ value: one.code, label: i18n.language === "en" ? one.name_en : one.name }))} />
      <Input.TextArea autoSize={{ minRows: 1, maxRows: 4 }} maxLength={2000} value={text} aria-label={t("reconcile.words")} placeholder={t("reconcile.words")}
        data-testid="reconcile-text" onChange={(event) => setText(event.target.value)} />
      <div className="rc-do">
        <Button type="primary" size="small" htmlType="submit" disabled={!ready} loading={say.isPending} data-testid="reconcile-save">{t("reconcile.save")}</Button>
        <Button size="small" onClick={onDone}>{t("common.cancel")}</Button>
      </div>
      {say.error ? <Sentence tone="red">{problemSentence(t, say.error)}</Sentence> : null}
    </form>
  );
}
