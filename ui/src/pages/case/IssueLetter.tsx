import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { answersQuery, issueLetter } from "../../api/answers";
import { problemSentence } from "../../api/problem";
import { keys } from "../../api/queries";
import type { TellerVoice } from "../../api/types";
import { Sentence } from "../../shared/Blank";

const KINDS = ["reply", "decision"] as const;

/** A petition that was answered: its letter, or the form that makes one out. */
export function IssueLetter({ voice, caseId }: { voice: TellerVoice; caseId: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [kind, setKind] = useState<(typeof KINDS)[number]>("reply");
  const [addressee, setAddressee] = useState("");
  const [open, setOpen] = useState(false);
  const issue = useMutation({
    mutationFn: () => issueLetter(caseId, voice.signal_id, kind, addressee.trim()),
    onSuccess: (answers) => {
      client.setQueryData(answersQuery(caseId).queryKey, answers);
      // the vault holds the addressee now, and the case has no new version for it
      void client.invalidateQueries({ queryKey: keys.personal(caseId) });
    },
  });
  const { letter } = voice;
  if (letter)
    return (
      <p className="sw-small">
        <Link to={`/cases/${letter.case_id}/letters/${letter.id}`} className="sw-link" data-testid="letter-link">{t(`letter.kind.${letter.kind}`)} {letter.number}</Link>{" "}
        <span className="sw-quiet sw-num">{letter.issued_on}</span>
      </p>
    );
  if (!voice.may_issue) return null;
  if (!open) return <Button size="small" className="an-open" data-testid="letter-open" onClick={() => setOpen(true)}>{t("letter.make")}</Button>;
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- keys bubble up from its field
    <form className="an-form" data-testid="letter-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (addressee.trim()) issue.mutate();
      }}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Escape") setOpen(false);
      }}>
      {KINDS.map((one) => (
        <label key={one} className="sw-small">
          <input type="radio" name={`letter-${voice.signal_id}`} checked={kind === one} onChange={() => setKind(one)} data-testid={`letter-${one}`} /> {t(`letter.kind.${one}`)}
        </label>
      ))}
      <Input autoFocus size="small" value={addressee} maxLength={60} aria-label={t("letter.addressee")} placeholder={t("letter.addressee")} data-testid="letter-addressee" onChange={(event) => setAddressee(event.target.value)} />
      <p className="sw-small sw-quiet">{t("letter.addressee_hint")}</p>
      {issue.error ? <Sentence tone="red">{problemSentence(t, issue.error)}</Sentence> : null}
      <div className="an-do">
        <Button type="primary" size="small" htmlType="submit" disabled={!addressee.trim()} loading={issue.isPending} data-testid="letter-submit">{t("letter.submit")}</Button>
        <Button size="small" type="text" onClick={() => setOpen(false)}>{t("common.cancel")}</Button>
      </div>
    </form>
  );
}
