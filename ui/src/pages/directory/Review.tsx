import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { directoryChanged, fetchRecord, makeChanges, previewChanges, type Kind } from "../../api/directory";
import { asProblem } from "../../api/problem";
import { useArea } from "../../app/session";
import { Blank, ErrorBlank, Loading } from "../../shared/Blank";
import { changesOf, clear, rebase, useDraft, type DraftItem } from "./draft";
import { DraftEffects } from "./DraftEffects";
import { Outcome } from "./Outcome";
import type { Looking } from "./params";
import { StaleNote } from "./StaleNote";
import { WhatChanges } from "./WhatChanges";

interface Props { kinds: Kind[]; look: (change: Partial<Looking>, replace?: boolean) => void }

/** "What would change": the draft as the server would carry it out, then a reason, then it is done. */
export function Review({ kinds, look }: Props) {
  const { t } = useTranslation();
  const { area } = useArea();
  const client = useQueryClient();
  const { key, items } = useDraft();
  const [reason, setReason] = useState("");
  const changes = useMemo(() => changesOf(items), [items]);
  // not kept: a preview is good only for what it was made of
  const preview = useQuery({
    queryKey: ["directory-preview", area.code, changes],
    queryFn: () => previewChanges(area.code, changes),
    enabled: items.length > 0, staleTime: 0, gcTime: 0, retry: false,
  });
  const apply = useMutation({
    mutationFn: (digest: string) => makeChanges(area.code, changes, reason.trim(), digest),
    onSuccess: async () => {
      clear(key);
      await directoryChanged(client);
    },
  });
  const refresh = useMutation({
    mutationFn: async () => {
      rebase(key, await versionsOf(area.code, items));
      apply.reset();
      await directoryChanged(client);
      await client.invalidateQueries({ queryKey: ["directory-preview"] });
    },
  });
  const back = (): void => look({ mode: null, item: null });
  if (apply.data) return <Outcome kinds={kinds} applied={apply.data} onBack={back} />;
  if (items.length === 0)
    return (
      <section className="di-review">
        <Blank title={t("dir.review.empty")} text={t("dir.review.empty_text")}><Button onClick={back}>{t("common.back")}</Button></Blank>
      </section>
    );
  const problem = apply.error ?? preview.error;
  const stale = problem !== null && asProblem(problem).code === "stale_version";
  const ready = preview.data !== undefined && preview.data.mistakes.length === 0 && !stale && reason.trim() !== "";
  return (
    <section className="di-review" data-testid="review" aria-labelledby="review-title">
      <header className="di-review-head">
        <h2 id="review-title">{t("dir.review.title")}</h2>
        <p className="sw-quiet">{t("dir.review.text")}</p>
        <Button type="text" className="di-review-back" onClick={back}>{t("dir.review.back")}</Button>
      </header>
      {stale ? <StaleNote problem={asProblem(problem)} kinds={kinds} busy={refresh.isPending} onRefresh={() => refresh.mutate()} /> : null}
      {problem && !stale ? <ErrorBlank error={problem} onRetry={() => (apply.error ? apply.reset() : void preview.refetch())} /> : null}
      <DraftEffects kinds={kinds} items={items} preview={preview.data} look={look} />
      {preview.isPending ? <Loading rows={4} /> : preview.data ? <WhatChanges kinds={kinds} preview={preview.data} /> : null}
      <form className="di-decide" onSubmit={(event) => {
        event.preventDefault();
        if (ready && preview.data) apply.mutate(preview.data.digest);
      }}>
        <label htmlFor="reason">{t("dir.review.reason")}</label>
        <Input id="reason" value={reason} maxLength={500} placeholder={t("dir.review.reason_placeholder")} data-testid="reason" onChange={(event) => setReason(event.target.value)} />
        <Button type="primary" htmlType="submit" disabled={!ready} loading={apply.isPending} data-testid="confirm">{t("dir.review.confirm", { count: items.length })}</Button>
      </form>
    </section>
  );
}

/** The versions that the draft's records have now; null where there is no such record any more. */
async function versionsOf(area: string, items: readonly DraftItem[]): Promise<Map<string, string | null>> {
  const found = await Promise.all(items.map(async ({ id, kind, code, version }): Promise<[string, string | null]> => {
    if (version === null) return [id, null];
    try {
      return [id, (await fetchRecord(area, kind, code)).version];
    } catch (error) {
      if (asProblem(error).status === 404) return [id, null];
      throw error;
    }
  }));
  return new Map(found);
}
