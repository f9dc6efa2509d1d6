import { Button } from "antd";
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import type { CaseRow, Count } from "../../api/types";
import { useArea, useCan } from "../../app/session";
import { Blank, ErrorBlank, Loading } from "../../shared/Blank";
import { useShortcut } from "../../shared/keyboard";
import { setParam, useAddress, type Change } from "../../shared/params";
import { BulkBar } from "./BulkBar";
import { filterOf, isNarrowed, tabOf, tabParams, TABS } from "./filter";
import { FilterBar, Tabs } from "./FilterBar";
import { useCaseList, useNewCases } from "./list";
import { useSelection } from "./selection";
import { Table } from "./Table";
import "./cases.css";

const DispatchPanel = lazy(() => import("./DispatchPanel"));
const none: string[] = [];

export default function Cases() {
  const [params, change] = useAddress();
  const { area, areas, setArea } = useArea();
  const navigate = useNavigate();
  const search = params.toString();
  const filter = useMemo(() => filterOf(new URLSearchParams(search), area.code), [search, area.code]);
  const { query, rows, count } = useCaseList(filter);
  const selection = useSelection();
  const fresh = useNewCases(filter, rows);
  const listKey = JSON.stringify(filter);

  // the URL says which area, where there are several; the frame follows it
  const linked = params.get("area");
  const several = areas.length > 1;
  useEffect(() => {
    if (linked) setArea(linked);
    else if (several) change((now) => setParam(now, "area", area.code), { replace: true });
  }, [linked, several, area.code, setArea, change]);

  const { clear: clearSelection } = selection;
  const { clear: clearFresh } = fresh;
  useEffect(() => {
    clearSelection();
    clearFresh();
  }, [listKey, clearSelection, clearFresh]);

  // nothing is there that could move under a pointer: an empty list shows what comes at once
  const { refresh } = fresh;
  const empty = query.isSuccess && rows.length === 0;
  const news = fresh.count > 0 || fresh.changed;
  useEffect(() => {
    if (empty && news) void refresh();
  }, [empty, news, refresh]);

  const open = useCallback(
    (row: CaseRow) => void navigate(`/cases/${row.id}`, { state: { list: search } }),
    [navigate, search],
  );
  const { fetchNextPage } = query;
  const more = useCallback(() => void fetchNextPage({ cancelRefetch: false }), [fetchNextPage]);

  useShortcut("r", () => void fresh.refresh());
  useShortcut("1", () => change((now) => tabParams(now, TABS[0] ?? "mine")));
  useShortcut("2", () => change((now) => tabParams(now, TABS[1] ?? "open")));
  useShortcut("3", () => change((now) => tabParams(now, TABS[2] ?? "overdue")));
  useShortcut("4", () => change((now) => tabParams(now, TABS[3] ?? "all")));

  return (
    <div className="cs">
      <div className="cs-top">
        <Tabs params={params} onChange={change} />
        {news && !empty ? <FreshBar count={fresh.count} onRefresh={() => void fresh.refresh()} /> : null}
        <DispatchAll />
        <CountWords count={count} pending={query.isPending} />
      </div>
      <FilterBar params={params} onChange={change} />
      {query.isPending ? (
        <Loading rows={14} />
      ) : query.isError && rows.length === 0 ? (
        <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />
      ) : rows.length === 0 ? (
        <NoCases params={params} onChange={change} />
      ) : (
        <Table listKey={listKey} rows={rows} stale={query.isPlaceholderData} selection={selection} hasMore={query.hasNextPage}
          loadingMore={query.isFetchingNextPage} moreFailed={query.isFetchNextPageError} onMore={more} onOpen={open} />
      )}
      <BulkBar rows={rows} selection={selection} />
    </div>
  );
}

/** All that waits to be dispatched, at once. */
function DispatchAll() {
  const { t } = useTranslation();
  const can = useCan();
  const [open, setOpen] = useState(false);
  if (!can("case.dispatch")) return null;
  return (
    <>
      <Button type="text" className="cs-all" data-testid="dispatch-all" onClick={() => setOpen(true)}>{t("dispatching.all")}</Button>
      {open ? <Suspense fallback={null}><DispatchPanel ids={none} onClose={() => setOpen(false)} onSent={() => setOpen(false)} /></Suspense> : null}
    </>
  );
}

function CountWords({ count, pending }: { count: Count | undefined; pending: boolean }) {
  const { t, i18n } = useTranslation();
  if (!count || pending) return <span className="sw-quiet" />;
  const n = new Intl.NumberFormat(i18n.language).format(count.value);
  return (
    <span className="sw-quiet sw-num" data-testid="case-count" role="status">
      {t(count.exact ? "cases.count_exact" : "cases.count_about", { count: count.value, n })}
    </span>
  );
}

/** Stands beside the tabs, where its coming moves nothing. */
function FreshBar({ count, onRefresh }: { count: number; onRefresh: () => void }) {
  const { t } = useTranslation();
  return (
    <Button type="text" className="cs-fresh" onClick={onRefresh} data-testid="fresh-bar">
      {count > 0 ? t("cases.new", { count }) : t("cases.changed")} <kbd>r</kbd>
    </Button>
  );
}

function NoCases({ params, onChange }: { params: URLSearchParams; onChange: Change }) {
  const { t } = useTranslation();
  const tab = isNarrowed(params) ? null : tabOf(params);
  const kind = tab === "mine" || tab === "overdue" ? `empty_${tab}` : "empty";
  return (
    <Blank title={t(`cases.${kind}_title`)} text={t(`cases.${kind}_text`)} testId="cases-empty">
      {tab === "mine" || tab === "overdue" ? null : (
        <Button onClick={() => onChange(new URLSearchParams({ state: "open" }))}>{t("cases.clear")}</Button>
      )}
    </Blank>
  );
}
