import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Input, type GetRef } from "antd";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { answersQuery, askMachine, checkAnswer, giveAnswer, saveAnswer, withdrawAnswer, type Written } from "../../api/answers";
import { orderLists } from "../../api/orders";
import { asProblem, problemSentence } from "../../api/problem";
import type { AnswerCheck, Answers, TellerVoice } from "../../api/types";
import { Sentence } from "../../shared/Blank";
import type { Times } from "../../shared/time";
import { Checklist } from "./Checklist";
import { Similar } from "./Similar";

const PAUSE_MS = 350;
const LONGEST = 4000;

interface Props { voice: TellerVoice; caseId: string; assist: boolean; times: Times; onClose: () => void; onRefresh: () => void }

/** By voice: leaving the page loses nothing that was typed. */
const kept = new Map<string, Written>();

/** What a look at the words found, asked for in the pauses of typing; what was found stays until the next answer. */
function useCheck(caseId: string, voice: TellerVoice, text: string) {
  const [found, setFound] = useState<{ text: string; check: AnswerCheck } | null>(null);
  const { signal_id } = voice;
  useEffect(() => {
    const abort = new AbortController();
    const timer = window.setTimeout(() => {
      if (!text.trim()) return;
      checkAnswer(caseId, voice, text, abort.signal).then(
        (check) => setFound({ text, check }),
        () => {}, // a look that fails is none; giving says what is wrong
      );
    }, PAUSE_MS);
    return () => {
      window.clearTimeout(timer);
      abort.abort();
    };
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- a new version of the voice is no new text
  }, [caseId, signal_id, text]);
  return found;
}

/** Where an answer is written: the draft, what is wrong with it, what others were told, and the deed. */
export function AnswerForm({ voice, caseId, assist, times, onClose, onRefresh }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const field = useRef<GetRef<typeof Input.TextArea>>(null);
  const key = `${caseId}/${voice.signal_id}`;
  const [written, setWritten] = useState<Written>(() => kept.get(key) ?? { text: voice.draft?.text ?? voice.proposal ?? "", machine: voice.draft?.machine ?? false });
  const [similar, setSimilar] = useState(false);
  const found = useCheck(caseId, voice, written.text);
  const write = (next: Written): void => {
    kept.set(key, next);
    setWritten(next);
  };
  const settle = (answers: Answers): void => {
    client.setQueryData(answersQuery(caseId).queryKey, answers);
  };
  const failed = (error: unknown): void => {
    if (asProblem(error).status === 412) {
      void client.invalidateQueries({ queryKey: answersQuery(caseId).queryKey });
      onRefresh();
    }
  };
  const save = useMutation({
    mutationFn: () => saveAnswer(caseId, voice, written),
    onSuccess: (answers) => {
      settle(answers);
      // what was stored is masked: from here on that is what is written
      const draft = answers.voices.find((one) => one.signal_id === voice.signal_id)?.draft;
      if (draft) setWritten({ text: draft.text, machine: draft.machine });
      kept.delete(key);
    },
    onError: failed,
  });
  const give = useMutation({
    mutationFn: () => giveAnswer(caseId, voice, written),
    onSuccess: (answers) => {
      kept.delete(key);
      settle(answers);
      onRefresh();
      void client.invalidateQueries({ queryKey: orderLists });
      onClose();
    },
    onError: failed,
  });
  const withdraw = useMutation({
    mutationFn: () => withdrawAnswer(caseId, voice),
    onSuccess: (answers) => {
      kept.delete(key);
      settle(answers);
      onClose();
    },
    onError: failed,
  });
  const machine = useMutation({
    mutationFn: () => askMachine(caseId, "draft", voice.signal_id),
    onSuccess: ({ text }) => write({ text: text.slice(0, LONGEST), machine: true }),
  });
  const error = give.error ?? save.error ?? withdraw.error ?? machine.error;
  const current = found?.text === written.text ? found.check : null;
  const stopped = current !== null && (current.blocked.length > 0 || current.unfinished > 0);
  const busy = give.isPending || save.isPending || withdraw.isPending;
  const submit = (): void => {
    if (written.text.trim() && !stopped && !busy) give.mutate();
  };
  const select = (start: number, end: number): void => {
    const area = field.current?.resizableTextArea?.textArea;
    area?.focus();
    area?.setSelectionRange(start, end);
  };
  // an order, of whatever upstream, is answered once: before the case is done that is early, not interim
  const kind = voice.way === "work_order" ? "order" : "final";
  const early = voice.way === "work_order" ? "order_early" : voice.order ? "early" : "interim";
  const deed = voice.interim_only ? early : kind;
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- keys bubble up from its field
    <form className="an-form" data-testid="answer-form"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit();
        else if (event.key === "Escape") onClose();
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}>
      {written.machine ? <p className="an-machine sw-small" data-testid="answer-machine">{t("answers.machine_hint")}</p> : null}
      {voice.proposals.length > 1 ? (
        <div className="an-do an-steps sw-small">
          <span className="sw-quiet">{t("answers.begin_with")}</span>
          {voice.proposals.map(({ step, text }) => (
            <button key={step ?? "answer"} type="button" className="sw-plain sw-link" aria-pressed={written.text === text} data-testid={`answer-step-${step ?? "answer"}`}
              onClick={() => write({ text, machine: false })}>
              {t(`answers.step.${step ?? "answer"}`)}
            </button>
          ))}
        </div>
      ) : null}
      <Input.TextArea ref={field} autoFocus value={written.text} autoSize={{ minRows: 5, maxRows: 16 }} maxLength={LONGEST} data-testid="answer-text"
        aria-label={t(`answers.text.${voice.form}`)} placeholder={t(`answers.text.${voice.form}`)}
        onChange={(event) => write({ ...written, text: event.target.value })} />
      {found ? <Checklist text={found.text} check={found.check} onSelect={select} /> : null}
      {error ? <Sentence tone={asProblem(error).status === 412 ? "amber" : "red"}>{asProblem(error).status === 412 ? t("answers.stale") : problemSentence(t, error)}</Sentence> : null}
      <div className="an-do">
        <Button type="primary" size="small" htmlType="submit" loading={give.isPending} disabled={stopped || !written.text.trim()} data-testid="answer-give"
          title={stopped ? t("answers.stopped") : undefined}>
          {t(`answers.give.${deed}`)}
        </Button>
        <Button size="small" loading={save.isPending} disabled={!written.text.trim()} data-testid="answer-save" onClick={() => save.mutate()}>{t("answers.save")}</Button>
        {voice.draft ? <Button size="small" type="text" loading={withdraw.isPending} data-testid="answer-withdraw" onClick={() => withdraw.mutate()}>{t("answers.withdraw")}</Button> : null}
        {assist ? <Button size="small" type="text" loading={machine.isPending} data-testid="assist-draft" onClick={() => machine.mutate()}>{t("answers.ask_machine")}</Button> : null}
        <Button size="small" type="text" aria-expanded={similar} data-testid="answer-similar" onClick={() => setSimilar(!similar)}>{t("answers.similar")}</Button>
        <Button size="small" type="text" onClick={onClose}>{t("common.cancel")}</Button>
      </div>
      {similar ? <Similar caseId={caseId} times={times} onTake={(text) => write({ text: `${written.text.trimEnd()}\n${text}`.trim().slice(0, LONGEST), machine: written.machine })} /> : null}
    </form>
  );
}
