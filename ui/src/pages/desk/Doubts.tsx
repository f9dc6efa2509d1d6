import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { problemSentence } from "../../api/problem";
import type { DeskItem, Doubt } from "../../api/types";
import { Blank, ErrorBlank, Loading, Sentence } from "../../shared/Blank";
import { LockNotice, useHoldCase, useLocks } from "../../shared/DeskLock";
import { Again } from "./Again";
import { Category } from "./Category";
import { CauseQuestion } from "./Cause";
import { offersOf, type Decision } from "./decide";
import { useDeskKeys } from "./keys";
import { Learned } from "./Learned";
import { Nature } from "../case/Nature";
import { Message } from "./Message";
import { PlaceQuestion } from "./PlaceQuestion";
import { Queue } from "./Queue";
import { Tabs } from "./Tabs";
import { nextDoubt, useQueue, type Notice } from "./useQueue";

/** What waits on the left, the message in the middle, the question on the right. */
export function Doubts({ area }: { area: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queue = useQueue(area);
  const { query, item, gone, left } = queue;
  const doubt = item ? nextDoubt(item) : undefined;
  const locks = useLocks();
  const locked = item ? locks.get(item.case.id) : undefined;
  useHoldCase(item && !gone ? item.case.id : null);
  const step = (by: number): void => {
    const at = queue.order.findIndex((one) => one.case.id === item?.case.id);
    const next = queue.order[at + by];
    if (next) queue.show(next);
  };
  useDeskKeys({
    k: item ? queue.skip : undefined,
    o: item ? () => void navigate(`/cases/${item.case.id}`) : undefined,
    u: queue.undo,
    r: queue.refresh,
    "]": () => step(1),
    "[": () => step(-1),
    Enter: gone ? queue.skip : undefined,
  });

  return (
    <div className="dk" data-testid="desk-page">
      <Tabs at="desk" counts={query.data ? { desk: query.data.count, asides: query.data.asides_count } : undefined}>
        {left ? (
          <span className="sw-num" role="status" data-testid="desk-counter" data-done={queue.done} data-left={left.value} data-pending={queue.pending}>
            {t("desk.done", { n: queue.done })} · {t("desk.left", { n: `${left.value}${left.exact ? "" : "+"}` })}
          </span>
        ) : null}
      </Tabs>
      {query.isPending ? <Loading rows={12} />
        : query.isError && !query.data ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />
        : !item ? (
          <div className="dk-empty">
            <Said notice={queue.notice} />
            <Blank title={t("desk.empty_title")} text={t(queue.done > 0 ? "desk.empty_done" : "desk.empty_text", { n: queue.done })} testId="desk-empty">
              {queue.canUndo ? <button type="button" className="sw-plain sw-link" onClick={queue.undo}>{t("desk.undo")} <kbd>u</kbd></button> : null}
            </Blank>
            <Learned />
          </div>
        ) : (
          <div className="dk-body">
            <Queue items={queue.order} activeId={item.case.id} onPick={queue.show} foot={<Learned />} />
            <Message item={item} />
            <section className="dk-ask" aria-label={t("desk.question")} aria-live="polite" data-testid="desk-question" data-doubt={gone ? "gone" : doubt}>
              <Said notice={queue.notice} />
              <LockNotice lock={locked} />
              {gone ? (
                <Sentence tone="blue">
                  <span data-testid="desk-gone">{t("desk.gone")}</span>
                  <button type="button" className="sw-plain sw-link" onClick={queue.skip}>{t("desk.next")} <kbd>Enter</kbd></button>
                </Sentence>
              ) : doubt ? <Question key={`${item.case.id} ${doubt}`} item={item} doubt={doubt} area={area} onDecide={queue.decide} /> : null}
              <Foot item={item} onSkip={queue.skip} onUndo={queue.canUndo ? queue.undo : undefined} onOpen={() => void navigate(`/cases/${item.case.id}`)} />
              <Nature key={item.case.id} id={item.case.id} />
            </section>
          </div>
        )}
    </div>
  );
}

interface QuestionProps { item: DeskItem; doubt: Doubt; area: string; onDecide: (decision: Decision) => void }

function Question({ item, doubt, area, onDecide }: QuestionProps) {
  if (doubt === "category") return <Category item={item} onDecide={onDecide} />;
  if (doubt === "place") return <PlaceQuestion item={item} area={area} onDecide={onDecide} />;
  if (doubt === "cause") return <CauseQuestion item={item} onDecide={onDecide} />;
  return <Again item={item} doubt={doubt} offers={offersOf(item.understanding.offers, doubt)} onDecide={onDecide} />;
}

function Said({ notice }: { notice: Notice }) {
  const { t } = useTranslation();
  if (!notice) return null;
  if (notice.kind === "failed")
    return (
      <Sentence tone="amber">
        <span data-testid="desk-failed">{t("desk.failed", { title: notice.item.case.title, reason: problemSentence(t, notice.error) })}</span>
      </Sentence>
    );
  if (notice.kind === "no_undo") return <Sentence tone="neutral">{t("desk.no_undo")}</Sentence>;
  return <Sentence tone="blue"><span data-testid="desk-undone">{t(notice.kind === "anew" ? "desk.anew" : notice.cause ? "desk.undone_cause" : "desk.undone", { title: notice.item.case.title })}</span></Sentence>;
}

interface FootProps { item: DeskItem; onSkip: () => void; onOpen: () => void; onUndo: (() => void) | undefined }

function Foot({ item, onSkip, onOpen, onUndo }: FootProps) {
  const { t } = useTranslation();
  return (
    <footer className="dk-foot sw-small sw-quiet">
      <button type="button" className="sw-plain" onClick={onSkip}><kbd>k</kbd> {t("desk.skip")}</button>
      <button type="button" className="sw-plain" onClick={onOpen}><kbd>o</kbd> {t("desk.open", { number: item.case.number })}</button>
      <button type="button" className="sw-plain" disabled={!onUndo} onClick={onUndo}><kbd>u</kbd> {t("desk.undo")}</button>
      <span><kbd>[</kbd> <kbd>]</kbd> {t("desk.walk")}</span>
      <span><kbd>?</kbd> {t("desk.keys")}</span>
    </footer>
  );
}
