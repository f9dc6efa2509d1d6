import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { problemSentence } from "../../api/problem";
import { linesQuery, reconcileAgain, reconcileKeys, reconciliationQuery, type LineFilter } from "../../api/reconcile";
import type { ReconcileKind, ReconcileRun, Reconciliation } from "../../api/types";
import { Blank, ErrorBlank, Loading, Sentence } from "../../shared/Blank";
import { setParam, type Change } from "../../shared/params";
import { useTimes } from "../../shared/time";
import { ReconcileRow } from "./ReconcileRow";
import "../../shared/table.css";
import "./reconcile.css";

interface Props { area: string; params: URLSearchParams; onChange: Change }

/** Our list and upstream's, compared: every number opens the lines behind it; what is open stands in the URL. */
export function Reconcile({ area, params, onChange }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const query = useQuery(reconciliationQuery(area));
  const again = useMutation({
    mutationFn: () => reconcileAgain(area),
    onSettled: () => void client.invalidateQueries({ queryKey: reconcileKeys }),
  });
  if (query.isPending) return <Loading rows={10} />;
  if (query.isError) return <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />;
  const view = query.data;
  return (
    <div className="rc" data-testid="reconcile-panel">
      <div className="rc-head">
        <p className="sw-quiet sw-small">{t("reconcile.said", { hour: view.at_hour })}</p>
        {view.may_explain ? <Button size="small" loading={again.isPending} data-testid="reconcile-again" onClick={() => again.mutate()}>{t("reconcile.again")}</Button> : null}
      </div>
      {again.error ? <Sentence tone="red">{problemSentence(t, again.error)}</Sentence> : null}
      {view.runs.length === 0 ? (
        <Blank title={t("reconcile.none_title")} text={t("reconcile.none_text", { hour: view.at_hour })} testId="reconcile-none" />
      ) : (
        <>
          {view.runs.map((run) => <Run key={run.source.code} run={run} params={params} onChange={onChange} />)}
          <Lines view={view} filter={lineFilter(area, params)} onChange={onChange} />
        </>
      )}
    </div>
  );
}

const KINDS: ReconcileKind[] = ["only_here", "only_there", "state", "due", "reply", "call_back", "exclusion"];

function lineFilter(area: string, params: URLSearchParams): LineFilter {
  const kind = params.get("kind");
  return {
    area,
    source: params.get("source") ?? undefined,
    kind: KINDS.find((one) => one === kind),
    state: params.get("gone") ? "gone" : undefined,
  };
}

function Run({ run, params, onChange }: { run: ReconcileRun; params: URLSearchParams; onChange: Props["onChange"] }) {
  const { t } = useTranslation();
  const times = useTimes();
  const chosen = params.get("source") === run.source.code ? params.get("kind") : null;
  const choose = (kind: ReconcileKind): void => onChange((now) => {
    const next = setParam(setParam(now, "source", run.source.code), "kind", kind);
    next.delete("gone");
    return chosen === kind ? setParam(setParam(next, "kind", undefined), "source", undefined) : next;
  });
  return (
    <section className="rc-run" data-testid="reconcile-run">
      <h2>
        {run.source.name} <span className="sw-quiet sw-num">{run.day}</span>
        <span className="sw-small sw-quiet sw-num">{t("reconcile.both", { ours: run.ours, theirs: run.theirs, at: times.stamp(run.made_at) })}</span>
      </h2>
      <div className="rc-kinds">
        {run.kinds.map(({ kind, open, explained }) => (
          <button key={kind} type="button" className="sw-plain rc-kind" aria-pressed={chosen === kind} data-testid={`reconcile-${kind}`} onClick={() => choose(kind)}>
            <strong className={`sw-num ${open > 0 ? "sw-amber" : "sw-quiet"}`}>{open}</strong>
            <span>{t(`reconcile.kind.${kind}`)}</span>
            {explained > 0 ? <span className="sw-small sw-quiet sw-num">{t("reconcile.explained_n", { count: explained })}</span> : null}
          </button>
        ))}
      </div>
      <p className="sw-small sw-quiet">
        {run.whole_at ? t("reconcile.whole", { at: times.stamp(run.whole_at) }) : <span className="sw-amber">{t("reconcile.not_whole")}</span>}
        {run.unread > 0 ? <span className="sw-amber"> {t("reconcile.unread", { count: run.unread })}</span> : null}{" "}
        {t("reconcile.moved", { fresh: run.fresh, gone: run.gone })}
      </p>
    </section>
  );
}

function Lines({ view, filter, onChange }: { view: Reconciliation; filter: LineFilter; onChange: Props["onChange"] }) {
  const { t } = useTranslation();
  const query = useInfiniteQuery({ ...linesQuery(filter), placeholderData: (before) => before });
  const rows = useMemo(() => (query.data?.pages ?? []).flatMap((page) => page.items), [query.data]);
  const gone = filter.state === "gone";
  return (
    <section className="rc-lines">
      <h2>
        {filter.kind ? t(`reconcile.kind.${filter.kind}`) : t("reconcile.all")}
        {filter.kind ? <button type="button" className="sw-plain sw-link sw-small" onClick={() => onChange((now) => setParam(setParam(now, "kind", undefined), "source", undefined))}>{t("reconcile.show_all")}</button> : null}
        <button type="button" className="sw-plain sw-link sw-small" data-testid="reconcile-gone" onClick={() => onChange((now) => setParam(now, "gone", gone ? undefined : "1"))}>
          {t(gone ? "reconcile.show_lasting" : "reconcile.show_gone")}
        </button>
      </h2>
      {query.isPending ? (
        <Loading rows={5} />
      ) : query.isError && rows.length === 0 ? (
        <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />
      ) : rows.length === 0 ? (
        <Blank title={t(gone ? "reconcile.none_gone" : "reconcile.same")} testId="reconcile-same" />
      ) : (
        <ul className="rc-list">{rows.map((line) => <ReconcileRow key={line.id} line={line} view={view} />)}</ul>
      )}
      {query.hasNextPage ? <div className="or-foot"><Button size="small" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t("orders.more")}</Button></div> : null}
    </section>
  );
}
