import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { answersQuery, issueNotice } from "../../api/answers";
import { problemSentence } from "../../api/problem";
import { keys } from "../../api/queries";
import type { NoticeOffer, TellerVoice } from "../../api/types";
import { Sentence } from "../../shared/Blank";
import { useTimes } from "../../shared/time";

/** What a petitioner was told beside the answer, and what may be told now: longer, not accepted, passed on. */
export function Notices({ voice, caseId }: { voice: TellerVoice; caseId: string }) {
  const { t } = useTranslation();
  const times = useTimes();
  const [open, setOpen] = useState<NoticeOffer | null>(null);
  return (
    <>
      {voice.notices.map((one) => (
        <p key={one.id} className="sw-small" data-testid="notice">
          <Link to={`/cases/${one.case_id}/letters/${one.id}`} className="sw-link">{t(`letter.kind.${one.kind}`)} {one.number}</Link>{" "}
          <span className="sw-quiet sw-num">{one.until ? t("letter.until", { at: times.stamp(one.until) }) : one.issued_on}</span>
        </p>
      ))}
      {open ? <Form offer={open} voice={voice} caseId={caseId} onClose={() => setOpen(null)} /> : (
        <div className="an-do">
          {voice.may_notice.map((one) => <Button key={one.kind} size="small" type="text" data-testid={`notice-${one.kind}`} onClick={() => setOpen(one)}>{t(`letter.do.${one.kind}`)}</Button>)}
        </div>
      )}
    </>
  );
}

function Form({ offer, voice, caseId, onClose }: { offer: NoticeOffer; voice: TellerVoice; caseId: string; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [addressee, setAddressee] = useState("");
  const [text, setText] = useState(offer.text);
  const issue = useMutation({
    mutationFn: () => issueNotice(caseId, voice.signal_id, offer.kind, addressee.trim(), text.trim()),
    onSuccess: (answers) => {
      client.setQueryData(answersQuery(caseId).queryKey, answers);
      void client.invalidateQueries({ queryKey: keys.case(caseId) });
      onClose();
    },
  });
  const ready = addressee.trim() !== "" && text.trim() !== "" && !text.includes(t("letter.gap"));
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- keys bubble up from its fields
    <form className="an-form" data-testid="notice-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) issue.mutate();
      }}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Escape") onClose();
      }}>
      <strong className="sw-small">{t(`letter.kind.${offer.kind}`)}</strong>
      <Input autoFocus size="small" value={addressee} maxLength={60} aria-label={t("letter.addressee")} placeholder={t("letter.addressee")} data-testid="notice-addressee" onChange={(event) => setAddressee(event.target.value)} />
      <Input.TextArea autoSize={{ minRows: 3 }} value={text} maxLength={4000} aria-label={t("letter.words")} data-testid="notice-text" onChange={(event) => setText(event.target.value)} />
      <p className="sw-small sw-quiet">{t("letter.fill")}</p>
      {issue.error ? <Sentence tone="red">{problemSentence(t, issue.error)}</Sentence> : null}
      <div className="an-do">
        <Button type="primary" size="small" htmlType="submit" disabled={!ready} loading={issue.isPending} data-testid="notice-submit">{t("letter.submit")}</Button>
        <Button size="small" type="text" onClick={onClose}>{t("common.cancel")}</Button>
      </div>
    </form>
  );
}
