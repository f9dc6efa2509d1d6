import { useMutation, useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answersQuery, askMachine } from "../../api/answers";
import { problemSentence } from "../../api/problem";
import type { Answers as All, CaseView, TellerVoice } from "../../api/types";
import { Sentence } from "../../shared/Blank";
import { useNow } from "../../shared/clock";
import { DueMark } from "../../shared/DueMark";
import type { Times } from "../../shared/time";
import { AnswerForm } from "./AnswerForm";
import { IssueLetter } from "./IssueLetter";
import { Notices } from "./Notice";
import { VoiceMark, WayIcon } from "./AnswerMarks";
import { marked } from "./Marked";
import "./answers.css";

/** Where the voice stands that an order is answered with. */
export const answerOf = (order: string): string => `answer-of-${order}`;

interface Props { view: CaseView; times: Times; onRefresh: () => void }

/** Everybody who told of a case: how each is to be answered, by when, and how far that is. */
export function Answers({ view, times, onRefresh }: Props) {
  const { t } = useTranslation();
  const query = useQuery(answersQuery(view.id));
  const all = query.data;
  const summary = useMutation({ mutationFn: () => askMachine(view.id, "summary", null) });
  return (
    <section className="an" aria-label={t("answers.panel")} data-testid="answers-panel">
      <header className="an-head">
        <h2>{t("answers.panel")}</h2>
        {all ? (
          <span className={`sw-small sw-num ${all.of > 0 && all.answered === all.of ? "sw-green" : "sw-quiet"}`} data-testid="answers-count">
            {all.of === 0 ? t("answers.count_none") : t("answers.count", { answered: all.answered, of: all.of })}
          </span>
        ) : null}
        {all?.assist ? (
          <Button size="small" type="text" className="an-assist" loading={summary.isPending} data-testid="assist-summary" onClick={() => summary.mutate()}>
            {t("answers.summarise")}
          </Button>
        ) : null}
      </header>
      {summary.error ? <Sentence tone="amber">{problemSentence(t, summary.error)}</Sentence> : null}
      {summary.data ? (
        <div className="an-said" role="status" data-testid="assist-said">
          <span className="an-machine sw-small">{t("answers.machine")}</span>
          <p className="an-text">{marked(summary.data.text)}</p>
        </div>
      ) : null}
      {query.error && !all ? (
        <Sentence tone="amber">
          <span>{problemSentence(t, query.error)}</span>
          <Button size="small" onClick={() => void query.refetch()}>{t("common.retry")}</Button>
        </Sentence>
      ) : null}
      <ul>
        {all?.voices.map((voice) => <One key={voice.signal_id} voice={voice} all={all} caseId={view.id} times={times} onRefresh={onRefresh} />)}
      </ul>
    </section>
  );
}

interface OneProps { voice: TellerVoice; all: All; caseId: string; times: Times; onRefresh: () => void }

function One({ voice, all, caseId, times, onRefresh }: OneProps) {
  const { t } = useTranslation();
  const now = useNow(20_000);
  const [open, setOpen] = useState(false);
  const wanted = voice.way !== "nobody" && voice.with_first === null;
  const done = voice.state === "given" || voice.state === "upstream";
  const first = all.voices.find((other) => other.signal_id === voice.with_first);
  const from = [voice.source.name, voice.channel].filter(Boolean).join(" · ");
  return (
    <li id={voice.order ? answerOf(voice.order.id) : undefined} className="an-one" data-testid="answer-voice" data-way={voice.way} data-state={voice.state}>
      <div className="an-line">
        <span className="an-way"><WayIcon form={voice.form} />{voice.to ? t(`answers.way_to.${voice.way}`, { to: voice.to }) : t(`answers.way.${voice.way}`)}</span>
        {wanted ? <VoiceMark state={voice.state} /> : null}
      </div>
      <div className="sw-small sw-quiet">
        {from} <span className="sw-num">{times.stamp(voice.reported_at)}</span>
        {voice.contact && wanted && !voice.to ? ` · ${t("answers.contact")}` : null}
      </div>
      {voice.nobody_why ? <p className="sw-small sw-quiet">{t(`answers.nobody.${voice.nobody_why}`)}</p> : null}
      {first ? <p className="sw-small sw-quiet">{t("answers.with_first", { at: times.stamp(first.reported_at) })}</p> : null}
      {wanted && voice.accept_by ? <p className="sw-small">{t("answers.accept_by", { at: times.stamp(voice.accept_by) })}</p> : null}
      {wanted && voice.due_at ? (
        <p className="sw-small"><DueMark row={voice} now={now} /> <span className="sw-quiet sw-num">{times.stamp(voice.due_at)}</span></p>
      ) : null}
      {voice.given.filter((one) => one.text).map((one) => (
        <details key={one.at} className="an-given">
          <summary className="sw-small">
            {t(one.interim ? "answers.told_interim" : "answers.told", { at: times.stamp(one.at), by: one.by ?? t("common.system") })}
            {one.machine ? <span className="an-machine">{t("answers.machine")}</span> : null}
          </summary>
          <p className="an-text">{marked(one.text ?? "")}</p>
        </details>
      ))}
      <Notices voice={voice} caseId={caseId} />
      <IssueLetter voice={voice} caseId={caseId} />
      {wanted && !done && all.may_answer ? (
        open ? (
          <AnswerForm voice={voice} caseId={caseId} assist={all.assist} times={times} onClose={() => setOpen(false)} onRefresh={onRefresh} />
        ) : (
          <Button size="small" className="an-open" data-testid="answer-open" onClick={() => setOpen(true)}>
            {t(voice.draft ? "answers.go_on" : "answers.write")}
          </Button>
        )
      ) : null}
    </li>
  );
}
