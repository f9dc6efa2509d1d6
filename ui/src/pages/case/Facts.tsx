import { lazy, Suspense, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { CaseView } from "../../api/types";
import { useNow } from "../../shared/clock";
import { DueMark } from "../../shared/DueMark";
import { StateMark } from "../../shared/StateMark";
import type { Times } from "../../shared/time";
import { WhyNote } from "../../shared/Why";
import { Answers } from "./Answers";
import { CallBack } from "./CallBack";
import { Clocks } from "./Clocks";
import { Contacts } from "./Contacts";
import { Directives } from "./Directives";
import { Dispute } from "./Dispute";
import { Hazard } from "./Hazard";
import { Nature } from "./Nature";
import { Orders } from "./Orders";
import { Petitions } from "./Petitions";
import { Parties } from "./Parties";
import { Check } from "./Verify";
import { Why } from "./Why";

const PlaceMap = lazy(() => import("../../map/PlaceMap"));

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="ca-fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** What is known: state, deadline and why, holder, category, place, voices, number. */
export function Facts({ view, times, onRefresh }: { view: CaseView; times: Times; onRefresh: () => void }) {
  const { t } = useTranslation();
  const now = useNow(20_000);
  return (
    <aside className="ca-facts" aria-label={t("case.facts")}>
      <dl className="ca-key">
        <Fact name={t("case.state")}>
          <StateMark state={view.state} testId="case-state" />
          {view.priority === "high" ? <span className="ca-high sw-small">{t("case.high")}</span> : null}
          {view.bounces && view.state !== "closed" ? (
            <p className="sw-small sw-amber" data-testid="bounces"><strong>{t("back.bounces")}</strong> {t("back.bounces_why")}</p>
          ) : null}
          {view.outcome ? (
            <p className="sw-small" data-testid="outcome">{t(`outcome.${view.outcome}`, { defaultValue: view.outcome })}{view.outcome_body ? `${t("common.colon")}${view.outcome_body}` : ""}</p>
          ) : null}
        </Fact>
        <Fact name={t("case.due")}>
          <DueMark row={view} now={now} />
          {view.due_at ? <span className="sw-small sw-quiet sw-num"> {times.stamp(view.due_at)}</span> : null}
          <WhyNote why={view.due_why} stamp={times.stamp} />
        </Fact>
        <Fact name={t("case.holder")}>{view.unit?.name ?? <span className="sw-quiet">{t("case.no_holder")}</span>}</Fact>
        <Fact name={t("case.place")}>
          {view.place_text ?? <span className="sw-quiet">{t("cases.place_unknown")}</span>}
          {view.community || view.grid ? (
            <div className="sw-small sw-quiet">{[view.community?.name, view.grid?.name].filter(Boolean).join(" · ")}</div>
          ) : null}
          <WhyNote why={view.place_why} />
        </Fact>
      </dl>
      <Parties view={view} times={times} />
      <Clocks view={view} times={times} />
      <Check view={view} times={times} />
      <Orders view={view} times={times} onRefresh={onRefresh} />
      <Petitions view={view} times={times} />
      <Hazard view={view} times={times} />
      <Dispute view={view} times={times} />
      <Contacts view={view} times={times} onRefresh={onRefresh} />
      <CallBack view={view} times={times} onRefresh={onRefresh} />
      <Answers view={view} times={times} onRefresh={onRefresh} />
      <Directives view={view} />
      <div className="ca-rest">
        <dl>
          <Fact name={t("case.category")}>
            {view.category?.name ?? <span className="sw-quiet">{t("case.no_category")}</span>}
            <WhyNote why={view.category_why} />
          </Fact>
          <Fact name={t("case.nature")}><Nature id={view.id} /></Fact>
          <Fact name={t("case.voices")}><span className="sw-num">{t("case.voices_value", { count: view.voices })}</span></Fact>
          {view.reworked > 0 ? <Fact name={t("case.reworked")}><span className="sw-num">{t("case.times", { count: view.reworked })}</span></Fact> : null}
          {view.returned > 0 ? <Fact name={t("back.returned")}><span className="sw-num">{t("case.times", { count: view.returned })}</span></Fact> : null}
          {view.reopened > 0 ? <Fact name={t("back.reopened")}><span className="sw-num">{t("case.times", { count: view.reopened })}</span></Fact> : null}
          {view.appeal ? <Fact name={t("back.appeal")}>{t(`back.appeal_state.${view.appeal}`)}</Fact> : null}
          <Fact name={t("case.opened")}><span className="sw-num">{times.stamp(view.opened_at)}</span></Fact>
          {view.closed_at ? <Fact name={t("case.closed")}><span className="sw-num">{times.stamp(view.closed_at)}</span></Fact> : null}
        </dl>
        {view.lon === null || view.lat === null ? (
          <p className="ca-nomap sw-small sw-quiet">{t("case.no_map")}</p>
        ) : (
          <div className="ca-map">
            <Suspense fallback={<div className="ca-map-wait" />}>
              <PlaceMap area={view.area} lon={view.lon} lat={view.lat} height={208} />
            </Suspense>
          </div>
        )}
        <Why view={view} times={times} />
      </div>
    </aside>
  );
}
