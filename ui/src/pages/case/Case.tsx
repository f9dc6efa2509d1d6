import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation, useNavigate, useParams } from "react-router";
import { asProblem } from "../../api/problem";
import { caseQuery } from "../../api/queries";
import type { CaseView } from "../../api/types";
import { BackIcon, DownArrowIcon, UpArrowIcon } from "../../app/icons";
import { useArea } from "../../app/session";
import { Blank, ErrorBlank, Loading } from "../../shared/Blank";
import { useShortcut } from "../../shared/keyboard";
import { useTimes } from "../../shared/time";
import { filterOf } from "../cases/filter";
import { useCaseList } from "../cases/list";
import { rememberActive } from "../cases/Table";
import { ActionBar } from "./ActionBar";
import { Facts } from "./Facts";
import { HistoryMenu } from "./History";
import { PersonalProvider } from "./Personal";
import { Story } from "./Story";
import { MergedInto } from "./Why";
import "./case.css";

/** The list that the viewer came from, if any: its neighbours are next and previous. */
function useNeighbours(id: string) {
  const location = useLocation();
  const navigate = useNavigate();
  const { area } = useArea();
  const from = (location.state as { list?: string } | null)?.list;
  const filter = useMemo(() => filterOf(new URLSearchParams(from ?? ""), area.code), [from, area.code]);
  const { rows, query } = useCaseList(filter, from !== undefined);
  const index = from === undefined ? -1 : rows.findIndex((row) => row.id === id);
  const { fetchNextPage, hasNextPage } = query;

  const go = useCallback(
    (step: number) => {
      const next = index < 0 ? undefined : rows[index + step];
      if (hasNextPage && index + step > rows.length - 5) void fetchNextPage({ cancelRefetch: false });
      if (!next) return;
      rememberActive(JSON.stringify(filter), next.id);
      void navigate(`/cases/${next.id}`, { state: location.state as unknown, replace: true });
    },
    [index, rows, hasNextPage, fetchNextPage, filter, navigate, location.state],
  );
  const back = useCallback(() => void navigate(`/cases?${from ?? "state=open"}`), [from, navigate]);
  return {
    go, back,
    backTo: `/cases?${from ?? "state=open"}`,
    hasPrevious: index > 0,
    hasNext: index >= 0 && (index < rows.length - 1 || hasNextPage),
    place: index < 0 ? null : { index: index + 1, total: rows.length, more: hasNextPage },
  };
}

export default function Case() {
  const { id = "" } = useParams();
  const { t } = useTranslation();
  const query = useQuery(caseQuery(id));
  const near = useNeighbours(id);
  useShortcut("j", () => near.go(1));
  useShortcut("k", () => near.go(-1));
  useShortcut("Escape", near.back);

  const view = query.data;
  const problem = query.error && !view ? asProblem(query.error) : null;
  return (
    <div className="ca">
      <header className="ca-head">
        <Link to={near.backTo} className="ca-back" aria-label={t("case.back")} title={t("case.back")}><BackIcon /></Link>
        <div className="ca-title">
          {view ? (
            <>
              <span className="sw-num sw-quiet" data-testid="case-number">{view.number}</span>
              <h1 className="sw-cut" title={view.title}>{view.title}</h1>
            </>
          ) : null}
        </div>
        {view ? <HistoryMenu id={view.id} /> : null}
        {near.place ? (
          <div className="ca-near">
            <span className="sw-small sw-quiet sw-num">{t("case.of", { index: near.place.index, total: `${near.place.total}${near.place.more ? "+" : ""}` })}</span>
            <Button type="text" icon={<UpArrowIcon />} disabled={!near.hasPrevious} aria-label={t("case.prev")} title={`${t("case.prev")} (k)`} onClick={() => near.go(-1)} />
            <Button type="text" icon={<DownArrowIcon />} disabled={!near.hasNext} aria-label={t("case.next")} title={`${t("case.next")} (j)`} onClick={() => near.go(1)} />
          </div>
        ) : null}
      </header>
      {problem?.status === 404 || problem?.status === 422 ? (
        <Blank title={t("case.not_found_title")} text={t("case.not_found_text")} testId="case-missing">
          <Link to={near.backTo} className="sw-link">{t("case.back")}</Link>
        </Blank>
      ) : problem ? (
        <ErrorBlank error={problem} onRetry={() => void query.refetch()} />
      ) : view ? (
        <Content key={view.id} view={view} refreshing={query.isFetching} onRefresh={() => void query.refetch()} />
      ) : (
        <Loading rows={10} />
      )}
    </div>
  );
}

function Content({ view, refreshing, onRefresh }: { view: CaseView; refreshing: boolean; onRefresh: () => void }) {
  const times = useTimes(view.timezone);
  return (
    <>
      <MergedInto view={view} />
      <PersonalProvider view={view}>
        <div className="ca-body">
          <Facts view={view} times={times} onRefresh={onRefresh} />
          <Story view={view} times={times} />
        </div>
      </PersonalProvider>
      <ActionBar view={view} times={times} onRefresh={onRefresh} refreshing={refreshing} />
    </>
  );
}
