import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { findingsQuery, type FindingFilter } from "../../api/discover";
import { useArea } from "../../app/session";
import { Blank, ErrorBlank, Loading } from "../../shared/Blank";
import { setParam, useAddress } from "../../shared/params";
import { FindingCard } from "./FindingCard";
import { Head } from "./Head";
import { useSceneName } from "./marks";

const SHOWN = ["open", "gone", "all"] as const;

/** What the cameras found, the newest first: what it looked like before, during and after. */
export default function Findings() {
  const { t } = useTranslation();
  const { area } = useArea();
  const [params, change] = useAddress();
  const shown = SHOWN.find((one) => one === params.get("shown")) ?? "open";
  const scene = params.get("scene") ?? undefined;
  const unjudged = params.get("judged") === "no";
  const filter: FindingFilter = {
    area: area.code, scene, verdict: unjudged ? "none" : undefined,
    open: shown === "all" ? undefined : shown === "open",
  };
  const query = useInfiniteQuery({ ...findingsQuery(filter), placeholderData: keepPreviousData });
  const scenes = query.data?.pages[0]?.scenes ?? [];
  const nameOf = useSceneName(scenes);
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  const set = (key: string, value: string | undefined) => change((now) => setParam(now, key, value), { replace: true });
  return (
    <div className="cs" data-testid="findings-page">
      <Head />
      <div className="cs-filters di-filters">
        <label className="di-filter">{t("discover.shown")}
          <select value={shown} data-testid="findings-shown" onChange={(event) => set("shown", event.target.value === "open" ? undefined : event.target.value)}>
            {SHOWN.map((one) => <option key={one} value={one}>{t(`discover.shown_${one}`)}</option>)}
          </select>
        </label>
        <label className="di-filter">{t("discover.scene")}
          <select value={scene ?? ""} onChange={(event) => set("scene", event.target.value || undefined)}>
            <option value="">{t("discover.all")}</option>
            {scenes.map((one) => <option key={one.code} value={one.code}>{nameOf(one.code)}</option>)}
          </select>
        </label>
        <label className="di-check"><input type="checkbox" checked={unjudged} onChange={(event) => set("judged", event.target.checked ? "no" : undefined)} />{t("discover.unjudged")}</label>
      </div>
      {query.isPending ? <Loading rows={6} />
        : query.isError ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />
        : rows.length === 0 ? <Blank title={t("discover.none")} text={t("discover.none_text")} testId="findings-empty" />
        : (
          <ul className="di-list" aria-label={t("discover.findings")}>
            {rows.map((one) => <li key={one.id}><FindingCard finding={one} scene={nameOf(one.scene)} /></li>)}
            {query.hasNextPage ? <li className="di-more"><Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t("discover.more")}</Button></li> : null}
          </ul>
        )}
    </div>
  );
}
