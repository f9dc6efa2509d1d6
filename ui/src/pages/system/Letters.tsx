import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { problemSentence } from "../../api/problem";
import { discardJob, retryJob, systemKey, type Letter } from "../../api/system";
import { Blank, Sentence } from "../../shared/Blank";
import { useTimes } from "../../shared/time";

/** Jobs that failed: those given up wait for a person, the others are tried again by themselves. */
export function Letters({ letters }: { letters: Letter[] }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [sure, setSure] = useState<number | null>(null);
  const settled = (): void => {
    setSure(null);
    void client.invalidateQueries({ queryKey: systemKey });
  };
  const retry = useMutation({ mutationFn: retryJob, onSettled: settled });
  const discard = useMutation({ mutationFn: discardJob, onSettled: settled });
  const problem = retry.error ?? discard.error;
  const busy = retry.isPending || discard.isPending;
  return (
    <section className="va-part sw-panel" aria-label={t("system.letters")}>
      <h2>{t("system.letters")}</h2>
      {problem ? <Sentence tone="red">{problemSentence(t, problem)}</Sentence> : null}
      {letters.length === 0 ? <Blank title={t("system.letters_none")} testId="letters-none" /> : (
        <ul className="sy-letters">
          {letters.map((one) => (
            <li key={one.id} data-testid="letter" data-dead={one.dead}>
              <div className="sy-letter">
                <strong>{t(`job.${one.name}`, { defaultValue: one.name })}</strong>
                <Told letter={one} />
                <details>
                  <summary className="sw-small sw-quiet">{t("system.where")}</summary>
                  <pre className="sw-small">{one.error}{"\n"}{one.place}{"\n"}{one.request}</pre>
                </details>
              </div>
              {!one.dead ? null : sure === one.id ? (
                <div className="va-do">
                  <span>{t("system.discard_sure")}</span>
                  <Button danger loading={discard.isPending} data-testid="discard-sure" onClick={() => discard.mutate(one.id)}>{t("system.discard")}</Button>
                  <Button onClick={() => setSure(null)}>{t("common.cancel")}</Button>
                </div>
              ) : (
                <div className="va-do">
                  <Button disabled={busy} data-testid="retry-job" onClick={() => retry.mutate(one.id)}>{t("system.retry")}</Button>
                  <Button disabled={busy} data-testid="discard-job" onClick={() => setSure(one.id)}>{t("system.discard")}</Button>
                </div>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Told({ letter }: { letter: Letter }) {
  const { t } = useTranslation();
  const times = useTimes();
  const at = letter.failed_at ? times.stamp(letter.failed_at) : "";
  return (
    <span className={letter.dead ? "sw-red" : "sw-amber"}>
      {letter.dead
        ? t("system.given_up", { count: letter.attempts, at })
        : t("system.again", { count: letter.attempts, at: letter.again_at ? times.stamp(letter.again_at) : at })}
    </span>
  );
}
