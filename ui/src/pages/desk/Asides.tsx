import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { deskKeys, deskQuery, openAside, settleAside } from "../../api/desk";
import { problemSentence } from "../../api/problem";
import type { Aside, Opened } from "../../api/types";
import { useLiveEntries } from "../../live/LiveProvider";
import { Blank, ErrorBlank, Loading, Sentence } from "../../shared/Blank";
import { useNow } from "../../shared/clock";
import { useTimes } from "../../shared/time";
import { useReasonWords, wordsOf } from "../../shared/Why";
import { useDeskKeys } from "./keys";
import { Said, Source } from "./Message";
import { Tabs } from "./Tabs";

const REFRESH_MS = 2_000;

/** Messages that are no case: read, or a case after all. */
export function Asides({ area }: { area: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const query = useQuery(deskQuery(area));
  const [settled, setSettled] = useState<ReadonlySet<string>>(new Set());
  const [currentId, setCurrentId] = useState<string | null>(null);
  const [opened, setOpened] = useState<Opened | null>(null);
  const timer = useRef(0);
  const refresh = (): void => void client.invalidateQueries({ queryKey: deskKeys.all });
  useLiveEntries(() => {
    timer.current ||= window.setTimeout(() => {
      timer.current = 0;
      refresh();
    }, REFRESH_MS);
  });
  useEffect(() => () => window.clearTimeout(timer.current), []);

  const items = (query.data?.asides ?? []).filter((one) => !settled.has(one.signal.id));
  const at = Math.max(0, items.findIndex((one) => one.signal.id === currentId));
  const item = items[at];
  const send = useMutation({
    mutationFn: async ({ one, how }: { one: Aside; how: "settle" | "case" }): Promise<Opened | null> => {
      if (how === "case") return openAside(one.signal.id);
      await settleAside(one.signal.id);
      return null;
    },
    // read or opened at once; what the server refuses comes back
    onMutate: ({ one }) => {
      setOpened(null);
      setSettled((before) => new Set(before).add(one.signal.id));
      setCurrentId(items[at + 1]?.signal.id ?? null);
    },
    onSuccess: (found) => setOpened(found),
    onError: (_, { one }) => {
      setSettled((before) => new Set([...before].filter((id) => id !== one.signal.id)));
      setCurrentId(one.signal.id);
    },
    onSettled: refresh,
  });
  const go = (how: "settle" | "case") => (item ? () => send.mutate({ one: item, how }) : undefined);
  const step = (by: number) => () => setCurrentId(items[Math.min(Math.max(at + by, 0), items.length - 1)]?.signal.id ?? null);
  useDeskKeys({ s: go("settle"), c: go("case"), k: step(1), ArrowDown: step(1), ArrowUp: step(-1), "]": step(1), "[": step(-1), r: refresh });

  return (
    <div className="dk" data-testid="asides-page">
      <Tabs at="asides" counts={query.data ? { desk: query.data.count, asides: query.data.asides_count } : undefined}>
        <span className="sw-quiet">{t("desk.aside.intro")}</span>
      </Tabs>
      {query.isPending ? <Loading rows={12} />
        : query.isError && !query.data ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />
        : !item ? (
          <div className="dk-empty">
            <After error={send.error} opened={opened} />
            <Blank title={t("desk.aside.empty_title")} text={t("desk.aside.empty_text")} testId="asides-empty" />
          </div>
        ) : (
          <div className="dk-body dk-body-asides">
            <List items={items} activeId={item.signal.id} onPick={setCurrentId} />
            <article className="dk-message" data-testid="aside" data-kind={item.kind} data-id={item.signal.id}>
              <After error={send.error} opened={opened} />
              <p><span className="dk-chip sw-small">{t(`desk.aside.kind.${item.kind}`)}</span>{item.kind === "question" ? <span className="sw-amber sw-small"> {t("desk.aside.answer")}</span> : null}</p>
              <Source signal={item.signal} />
              <Said signal={item.signal} spoke={wordsOf(item.why).map((word) => ({ word, tone: "why" }))} />
              <Why item={item} />
              <div className="dk-pair">
                <button type="button" className="sw-plain dk-option dk-strong" data-testid="aside-settle" onClick={go("settle")}><kbd>s</kbd><span className="dk-option-words">{t("desk.aside.settle")}</span></button>
                <button type="button" className="sw-plain dk-option dk-strong" data-testid="aside-case" onClick={go("case")}><kbd>c</kbd><span className="dk-option-words">{t("desk.aside.case")}</span></button>
              </div>
              <p className="sw-small sw-quiet"><kbd>k</kbd> {t("desk.skip")}</p>
            </article>
          </div>
        )}
    </div>
  );
}

function Why({ item }: { item: Aside }) {
  const words = useReasonWords();
  return <ul className="dk-reasons sw-small sw-quiet">{words(item.why).map((one) => <li key={one}>{one}</li>)}</ul>;
}

function After({ error, opened }: { error: unknown; opened: Opened | null }) {
  const { t } = useTranslation();
  if (error) return <Sentence tone="amber">{problemSentence(t, error)}</Sentence>;
  if (!opened) return null;
  return (
    <Sentence tone="blue">
      <span data-testid="aside-opened">{t("desk.aside.opened", { number: opened.number })}</span>
      {opened.visible ? <Link to={`/cases/${opened.id}`} className="sw-link">{t("desk.to_case")}</Link> : null}
    </Sentence>
  );
}

function List({ items, activeId, onPick }: { items: readonly Aside[]; activeId: string; onPick: (id: string) => void }) {
  const { t } = useTranslation();
  const times = useTimes();
  const now = useNow(30_000);
  return (
    <nav className="dk-queue" aria-label={t("desk.tab.asides")}>
      <ol>
        {items.map(({ signal, kind }) => (
          <li key={signal.id}>
            <button type="button" className="sw-plain dk-line" tabIndex={-1} aria-current={signal.id === activeId || undefined} data-testid="aside-item" aria-label={signal.title ?? signal.text ?? t("case.no_text")} onClick={() => onPick(signal.id)}>
              <span className="dk-line-head">
                <span className="sw-cut">{signal.title ?? signal.text ?? t("case.no_text")}</span>
                <span className="dk-chips">
                  <span className="sw-small sw-quiet sw-num">{times.short(signal.reported_at, now)}</span>
                  <span className="dk-chip sw-small">{t(`desk.aside.kind.${kind}`)}</span>
                </span>
              </span>
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}
