import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { problemSentence } from "../../api/problem";
import { keys, rotationQuery, startRotation } from "../../api/queries";
import { ErrorBlank, Loading, Sentence } from "../../shared/Blank";
import { useTimes } from "../../shared/time";

/** The generation of keys, and a new one: work goes on meanwhile. */
export function Rotation() {
  const { t, i18n } = useTranslation();
  const times = useTimes();
  const client = useQueryClient();
  const [sure, setSure] = useState(false);
  const query = useQuery({ ...rotationQuery, refetchInterval: ({ state }) => (state.data?.running ? 1_000 : false) });
  const begin = useMutation({
    mutationFn: startRotation,
    onSuccess: (now) => client.setQueryData(keys.rotation, now),
    onSettled: () => setSure(false),
  });
  const format = new Intl.NumberFormat(i18n.language);
  const at = query.data;
  return (
    <section className="va-part sw-panel" aria-label={t("vault.rotation")}>
      <h2>{t("vault.rotation")}</h2>
      <p className="sw-quiet">{t("vault.rotation_text")}</p>
      {query.isPending ? <Loading rows={2} /> : query.isError ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} /> : null}
      {at ? (
        <>
          <p data-testid="generation">
            {at.generation === 0 ? t("vault.no_keys") : t("vault.generation", { number: at.generation, at: at.made_at ? times.stamp(at.made_at) : "" })}
          </p>
          {at.running ? (
            <div data-testid="rotating">
              <progress className="va-bar" max={Math.max(at.total, at.done, 1)} value={at.done} aria-label={t("vault.rotation")} />
              <span className="sw-small sw-num">{t("vault.rotating", { done: format.format(at.done), total: format.format(Math.max(at.total, at.done)) })}</span>
            </div>
          ) : at.finished_at && at.total > 0 ? (
            <Sentence tone="green"><span data-testid="rotated">{t("vault.rotated", { count: at.done, at: times.stamp(at.finished_at) })}</span></Sentence>
          ) : null}
          {begin.error ? <Sentence tone="red">{problemSentence(t, begin.error)}</Sentence> : null}
          {at.running ? null : sure ? (
            <div className="va-do">
              <span>{t("vault.rotate_sure")}</span>
              <Button type="primary" loading={begin.isPending} data-testid="rotate-sure" onClick={() => begin.mutate()}>{t("vault.rotate_do")}</Button>
              <Button onClick={() => setSure(false)}>{t("common.cancel")}</Button>
            </div>
          ) : (
            <div className="va-do"><Button data-testid="rotate" onClick={() => setSure(true)}>{t("vault.rotate")}</Button></div>
          )}
        </>
      ) : null}
    </section>
  );
}
