import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useEffect, useMemo, useState } from "react";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { asProblem, problemSentence, type Problem } from "../../api/problem";
import { act, keys } from "../../api/queries";
import type { ActionOffer, CaseView } from "../../api/types";
import { patchRow, rowOf } from "../../live/apply";
import { Sentence } from "../../shared/Blank";
import { LockNotice, useDecides, useHoldCase, useLocks } from "../../shared/DeskLock";
import type { Times } from "../../shared/time";
import { ActionForm } from "./ActionForm";
import { bodyOf, missing, offerKey, useDraft } from "./draft";

type Result = "pass" | "fail" | null;
interface Step { offer: ActionOffer; result: Result; primary: boolean }

/** Verify is two buttons: passed and failed; a failure must say why. */
function stepsOf(offers: ActionOffer[]): Step[] {
  const steps = offers.flatMap((offer): Step[] => {
    if (!offer.needs.includes("result") && offer.action !== "verify") return [{ offer, result: null, primary: offer.primary }];
    const needs = offer.needs.includes("note") ? offer.needs : [...offer.needs, "note"];
    const fail: Step = { offer: { ...offer, needs }, result: "fail", primary: false };
    // what has passed can only fail any more
    if (offer.action === "verify" && !offer.takes.includes("met")) return [fail];
    return [{ offer, result: "pass", primary: offer.primary }, fail];
  });
  return steps.sort((a, b) => Number(b.primary) - Number(a.primary));
}

/** Accepting and signing for take one click (unless words are waiting); everything else opens its form. */
function isOneClick({ offer }: Step): boolean {
  return (offer.action === "accept" || offer.action === "start" || offer.action === "arrive") && offer.needs.length === 0;
}

function conflictSentence(t: TFunction, times: Times, problem: Problem): string {
  if (problem.code !== "stale_version") return problemSentence(t, problem);
  const current = problem.params["current"] as { action?: string; by?: string | null; at?: string | null } | undefined;
  if (!current?.at) return t("act.stale_plain");
  const by = current.by || t("act.somebody");
  return t("act.stale", { by, at: times.time(current.at), action: t(`did.${current.action?.split(".").pop()}`, { defaultValue: t("did.changed") }) });
}

interface Props { view: CaseView; times: Times; onRefresh: () => void; refreshing: boolean }

export function ActionBar({ view, times, onRefresh, refreshing }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const draft = useDraft(view.id);
  const [open, setOpen] = useState<string | null>(null);
  const [tried, setTried] = useState(false);
  const steps = useMemo(() => stepsOf(view.actions), [view.actions]);
  const keyOf = (step: Step): string => offerKey(step.offer.action, step.result);
  const opened = steps.find((step) => keyOf(step) === open);

  const send = useMutation({
    mutationFn: ({ offer, result }: Step) => act(view.id, view.version, offer.action, bodyOf(offer, result, draft.value)),
    onSuccess: (after) => {
      if (after === null) {
        // A unit that has returned a case sees it no more.
        draft.clear();
        void client.invalidateQueries({ queryKey: keys.caseLists });
        void navigate("/cases?state=open");
        return;
      }
      client.setQueryData(keys.case(view.id), after);
      patchRow(client, view.id, rowOf(after));
      draft.clear();
      setOpen(null);
      setTried(false);
    },
  });
  const decides = useDecides();
  const locks = useLocks(decides);
  // Whoever has begun to fill in a form is about to decide.
  useHoldCase(opened ? view.id : null);
  const { reset } = send;
  // somebody else's change has arrived: the old refusal no longer says anything
  useEffect(() => reset(), [view.version, reset]);

  function submit(step: Step): void {
    if (send.isPending) return;
    setTried(true);
    if (missing(step.offer, draft.value, step.result).length === 0) send.mutate(step);
  }
  function press(step: Step): void {
    reset();
    setTried(false);
    if (isOneClick(step) && draft.isEmpty) submit(step);
    else setOpen(keyOf(step));
  }

  const problem = send.error ? asProblem(send.error) : null;
  const conflict = problem && (problem.status === 412 || problem.status === 409);
  const busyKey = send.isPending && send.variables ? keyOf(send.variables) : null;
  return (
    <footer className="ca-bar" data-testid="action-bar">
      <LockNotice lock={locks.get(view.id)} />
      {problem ? (
        <Sentence tone={conflict ? "amber" : "red"}>
          <span data-testid="action-problem">{conflictSentence(t, times, problem)}</span>
          {conflict ? <Button size="small" loading={refreshing} onClick={onRefresh} data-testid="refresh-case">{t("common.refresh")}</Button> : null}
        </Sentence>
      ) : null}
      {opened ? (
        <ActionForm view={view} offer={opened.offer} result={opened.result} draft={draft} busy={send.isPending} tried={tried}
          onSubmit={() => submit(opened)} onCancel={() => setOpen(null)} />
      ) : (
        <>
          {draft.isEmpty ? null : (
            <p className="ca-kept sw-small">
              <span className="sw-quiet">{t("act.kept")}</span> {draft.value.note}{" "}
              <button type="button" className="sw-plain sw-link" onClick={draft.clear}>{t("act.discard")}</button>
            </p>
          )}
          <div className="ca-bar-line">
            {steps.map((step) => (
              <Button key={keyOf(step)} type={step.primary ? "primary" : "default"} loading={busyKey === keyOf(step)} disabled={send.isPending}
                data-testid={`action-${keyOf(step).replaceAll("_", "-")}`} onClick={() => press(step)}>
                {t(`action.${keyOf(step)}`)}
              </Button>
            ))}
            {steps.filter((step) => isOneClick(step) && step.offer.takes.includes("note")).map((step) => (
              <button key={`note-${keyOf(step)}`} type="button" className="sw-plain sw-link sw-small sw-quiet" onClick={() => setOpen(keyOf(step))}>
                {t("act.add_note")}
              </button>
            ))}
            {steps.length === 0 ? <span className="sw-quiet">{nothingToDo(t, view)}</span> : null}
          </div>
        </>
      )}
    </footer>
  );
}

function nothingToDo(t: TFunction, view: CaseView): string {
  if (view.state === "closed") return t("act.closed");
  if (view.unit && (view.state === "dispatched" || view.state === "handling")) return t("act.holder_turn", { unit: view.unit.name });
  return t("act.none");
}
