import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { ordersQuery } from "../../api/orders";
import type { Count, OrderLine } from "../../api/types";
import { useArea } from "../../app/session";
import { useLiveEntries } from "../../live/LiveProvider";
import { Blank, ErrorBlank, Loading } from "../../shared/Blank";
import { useShortcut } from "../../shared/keyboard";
import { setParam, useAddress } from "../../shared/params";
import { showChosen } from "../../shared/row";
import { filterOf, tabOf, tabParams, TABS } from "./filter";
import { List } from "./List";
import { PetitionList } from "./PetitionList";
import { Promises } from "./Promises";
import { Reconcile } from "./Reconcile";
import "../cases/cases.css";
import "./orders.css";

/** Upstream work orders by upstream's own deadline; every filter stands in the URL. */
export default function Orders() {
  const { t } = useTranslation();
  const { area } = useArea();
  const navigate = useNavigate();
  const [params, change] = useAddress();
  const search = params.toString();
  const filter = useMemo(() => filterOf(new URLSearchParams(search), area.code), [search, area.code]);
  const query = useInfiniteQuery({ ...ordersQuery(filter), placeholderData: (previous) => previous });
  const rows = useMemo(() => (query.data?.pages ?? []).flatMap((page) => page.items), [query.data]);
  const [changed, setChanged] = useState(false);
  const first = query.data?.pages[0];
  const tab = tabOf(params);
  const beside = params.get("view");
  const reconciling = beside === "reconcile";
  const petitions = beside === "petitions";

  const tabs = useRef<HTMLDivElement>(null);
  // where not all of them have room, the chosen one is shown
  useEffect(() => showChosen(tabs.current, "[aria-selected=true]"), [tab, beside]);

  useLiveEntries((entry) => {
    if (!entry || entry.action.startsWith("order.") || entry.action.startsWith("contact.") || entry.action.startsWith("petition.")) setChanged(true);
  });
  const refresh = (): void => {
    setChanged(false);
    void query.refetch();
  };
  const set = (key: string, value: string | undefined): void => change((now) => setParam(now, key, value));
  const open = (row: OrderLine): void => void navigate(`/cases/${row.case.id}`);
  useShortcut("r", refresh);
  useShortcut("1", () => change((now) => tabParams(now, "todo")));
  useShortcut("2", () => change((now) => tabParams(now, "answered")));
  useShortcut("3", () => change((now) => tabParams(now, "attention")));
  useShortcut("4", () => change((now) => tabParams(now, "closed")));

  return (
    <div className="cs" data-testid="orders-page">
      <div className="cs-top">
        <div ref={tabs} className="cs-tabs" role="tablist">
          {TABS.map((one) => (
            <button key={one} type="button" role="tab" aria-selected={!reconciling && !petitions && tab === one} className="sw-plain cs-tab" data-testid={`orders-tab-${one}`}
              onClick={() => change((now) => tabParams(now, one))}>
              {t(`orders.tab.${one}`)}
            </button>
          ))}
          <button type="button" role="tab" aria-selected={reconciling} className="sw-plain cs-tab" data-testid="orders-tab-reconcile" onClick={() => change(new URLSearchParams({ view: "reconcile" }))}>
            {t("reconcile.tab")}
          </button>
          <button type="button" role="tab" aria-selected={petitions} className="sw-plain cs-tab" data-testid="orders-tab-petitions" onClick={() => change(new URLSearchParams({ view: "petitions" }))}>
            {t("petition.tab")}
          </button>
        </div>
        {changed && !reconciling && !petitions ? <Button type="text" className="cs-fresh" onClick={refresh}>{t("orders.changed")} <kbd>r</kbd></Button> : null}
        {reconciling || petitions ? null : <CountWords count={query.isPending ? undefined : first?.count} />}
      </div>
      {reconciling ? <Reconcile area={area.code} params={params} onChange={change} /> : petitions ? <PetitionList area={area.code} params={params} onChange={change} /> : <>
      <div className="cs-filters">
        <Input.Search key={params.get("q") ?? ""} allowClear className="or-search" placeholder={t("orders.search")} aria-label={t("orders.search")} defaultValue={params.get("q") ?? ""}
          onSearch={(words) => set("q", words.trim() || undefined)} />
        <Select allowClear className="cs-filter" placeholder={t("orders.filter_due")} aria-label={t("orders.filter_due")} value={params.get("due")}
          onChange={(due: string | undefined) => set("due", due)}
          options={["overdue", "soon"].map((due) => ({ value: due, label: t(`orders.due_${due}`) }))} />
        {params.get("check") ? (
          <span className="cs-chip">
            <span className="sw-cut">{t(`orders.check.${params.get("check")}`)}</span>
            <button type="button" className="sw-plain" aria-label={t("orders.clear")} onClick={() => set("check", undefined)}>×</button>
          </span>
        ) : null}
        {first ? (
          <div className="or-checks sw-small">
            {(["unconfirmed", "case_open"] as const).map((check) => {
              const { value, exact } = first.reconciliation[check];
              return (
                <button key={check} type="button" className={`sw-plain sw-link sw-num ${value > 0 ? "sw-amber" : "sw-quiet"}`} data-testid={`check-${check}`}
                  onClick={() => change(new URLSearchParams({ check }))}>
                  {t(`orders.${check}`, { count: value, n: exact ? value : `${value}+`, days: first.reconciliation.days })}
                </button>
              );
            })}
          </div>
        ) : null}
      </div>
      <Promises area={area.code} />
      {query.isPending ? (
        <Loading rows={14} />
      ) : query.isError && rows.length === 0 ? (
        <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />
      ) : rows.length === 0 ? (
        <Blank title={t(tab === "todo" ? "orders.empty_todo_title" : "orders.empty_title")} text={t(tab === "todo" ? "orders.empty_todo_text" : "orders.empty_text")} testId="orders-empty" />
      ) : (
        <List rows={rows} stale={query.isPlaceholderData} onOpen={open} hasMore={query.hasNextPage} loadingMore={query.isFetchingNextPage}
          onMore={() => void query.fetchNextPage({ cancelRefetch: false })} />
      )}
      </>}
    </div>
  );
}

function CountWords({ count }: { count: Count | undefined }) {
  const { t, i18n } = useTranslation();
  if (!count) return <span className="sw-quiet" />;
  const n = new Intl.NumberFormat(i18n.language).format(count.value);
  return (
    <span className="sw-quiet sw-num" role="status" data-testid="order-count">
      {t(count.exact ? "orders.count" : "orders.count_about", { count: count.value, n })}
    </span>
  );
}
