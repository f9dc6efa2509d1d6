import { useQuery } from "@tanstack/react-query";
import { Button, Select } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { directoryQuery } from "../../api/queries";
import { useOnDuty } from "../../app/OnDuty";
import { useArea } from "../../app/session";
import { isState, StateGlyph } from "../../shared/StateMark";
import { setParam, type Change } from "../../shared/params";
import { SavedViews } from "./SavedViews";
import { BACKS, DUES, isNarrowed, OPEN_STATES, sortOf, SORTS, STATES, tabOf, tabParams, TABS } from "./filter";

interface Props { params: URLSearchParams; onChange: Change }

export function Tabs({ params, onChange }: Props) {
  const { t } = useTranslation();
  const tab = tabOf(params);
  return (
    <div className="cs-tabs" role="tablist">
      {TABS.map((one) => (
        <button key={one} type="button" role="tab" aria-selected={tab === one} className="sw-plain cs-tab" data-testid={`tab-${one}`}
          onClick={() => onChange((now) => tabParams(now, one))}>
          {t(`cases.tab_${one}`)}
        </button>
      ))}
    </div>
  );
}

interface Group { label: string; options: { value: string; label: string }[] }

function useChoices() {
  const { area } = useArea();
  const directory = useQuery(directoryQuery(area.code)).data;
  return useMemo(() => {
    const groups = new Map<string, Group>();
    for (const { scheme, code, name, group } of directory?.categories ?? []) {
      const label = group || name;
      const entry = groups.get(label) ?? { label, options: [] };
      entry.options.push({ value: `${scheme}:${code}`, label: name });
      groups.set(label, entry);
    }
    return {
      units: (directory?.units ?? []).map(({ code, name }) => ({ value: code, label: name })),
      grids: (directory?.grids ?? []).map(({ code, name }) => ({ value: code, label: name })),
      categories: [...groups.values()],
    };
  }, [directory]);
}

const byLabel = { optionFilterProp: "label" } as const;

/** Every filter stands in the URL; here they are only shown and changed. */
export function FilterBar({ params, onChange }: Props) {
  const { t } = useTranslation();
  const choices = useChoices();
  const set = (key: string) => (value: string | string[] | undefined) => onChange((now) => setParam(now, key, value));
  const urlStates = params.getAll("state");
  const states = urlStates.length === 1 && urlStates[0] === "open" ? OPEN_STATES : urlStates.filter(isState);
  const shownStates = urlStates[0] === "open" ? [] : states;
  const q = params.get("q");
  // the name of somebody on duty also finds what that person's unit holds: say so
  const holders = useOnDuty().filter(({ name }) => name === q?.trim()).map(({ unit_name }) => unit_name);
  return (
    <div className="cs-filters">
      {q ? <Chip words={holders.length > 0 ? t("cases.q_duty", { q, unit: [...new Set(holders)].join(t("common.list")) }) : t("cases.q", { q })} onRemove={() => set("q")(undefined)} testId="q-chip" /> : null}
      {params.get("opened") ? <Chip words={t("cases.opened_today")} onRemove={() => set("opened")(undefined)} /> : null}
      {params.get("closed") ? <Chip words={t("cases.closed_today")} onRemove={() => set("closed")(undefined)} /> : null}
      <Select mode="multiple" allowClear maxTagCount={1} className="cs-filter cs-filter-state" placeholder={t("cases.filter_state")} aria-label={t("cases.filter_state")}
        value={shownStates} onChange={set("state")} showSearch={false} data-testid="filter-state"
        options={STATES.map((state) => ({
          value: state,
          label: <span className="sw-mark"><StateGlyph state={state} />{t(`state.${state}`)}</span>,
        }))} />
      <Select allowClear className="cs-filter cs-filter-due" placeholder={t("cases.filter_due")} aria-label={t("cases.filter_due")} value={params.get("due")} onChange={set("due")}
        options={DUES.map((due) => ({ value: due, label: t(`due.${due}`) }))} />
      <Select allowClear className="cs-filter cs-filter-due" placeholder={t("back_filter.label")} aria-label={t("back_filter.label")} value={params.get("back")}
        onChange={(back: string | undefined) => onChange((now) => {
          const next = setParam(now, "back", back);
          // what is appealed about is closed: the tab of open cases would show none
          if (back === "appealed") for (const key of ["state", "due", "mine"]) next.delete(key);
          return next;
        })}
        data-testid="filter-back" popupMatchSelectWidth={false} options={BACKS.map((back) => ({ value: back, label: t(`back_filter.${back}`) }))} />
      <Select allowClear showSearch={byLabel} className="cs-filter" placeholder={t("cases.filter_unit")} aria-label={t("cases.filter_unit")} value={params.get("unit")}
        onChange={set("unit")} options={choices.units} popupMatchSelectWidth={240} />
      <Select allowClear showSearch={byLabel} className="cs-filter" placeholder={t("cases.filter_category")} aria-label={t("cases.filter_category")} value={params.get("category")}
        onChange={set("category")} options={choices.categories} popupMatchSelectWidth={240} />
      <Select allowClear showSearch={byLabel} className="cs-filter" placeholder={t("cases.filter_grid")} aria-label={t("cases.filter_grid")} value={params.get("grid")}
        onChange={set("grid")} options={choices.grids} popupMatchSelectWidth={240} />
      {isNarrowed(params) ? (
        <Button type="text" onClick={() => onChange(new URLSearchParams({ state: "open" }))}>
          {t("cases.clear")}
        </Button>
      ) : null}
      <SavedViews params={params} onChange={onChange} />
      <Select className="cs-sort" aria-label={t("cases.sort")} value={sortOf(params)} onChange={set("sort")}
        options={SORTS.map((sort) => ({ value: sort, label: t(`cases.sort_${sort}`) }))} />
    </div>
  );
}

/** A filter that has no list to choose from, and can only be taken away. */
function Chip({ words, onRemove, testId }: { words: string; onRemove: () => void; testId?: string }) {
  const { t } = useTranslation();
  return (
    <span className="cs-chip" data-testid={testId}>
      <span className="sw-cut" title={words}>{words}</span>
      <button type="button" className="sw-plain" aria-label={t("common.remove")} onClick={onRemove}>×</button>
    </span>
  );
}
