import { memo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Counter } from "../../api/types";
import { KindGlyph } from "../../map/CaseGlyph";
import type { CaseKind } from "../../map/kinds";
import { Spark } from "./Spark";

/** Only these numbers are about a state, so only these may have its colour and glyph. */
const KIND_OF: Record<string, { kind: CaseKind; tone?: string }> = {
  overdue: { kind: "overdue", tone: "sw-red" },
  due_soon: { kind: "soon", tone: "sw-amber" },
  to_verify: { kind: "verify" },
};

const EMPTY: Counter[] = ["new_today", "open", "overdue", "due_soon", "to_verify", "closed_today"].map((key) => ({
  key,
  value: 0,
  series: [],
  query: "",
}));

/** Six numbers; each opens the list that it counts. ``more``: what else is said in a number. */
export const Counters = memo(function Counters({ counters, more }: { counters: readonly Counter[] | undefined; more?: ReactNode }) {
  const { t } = useTranslation();
  return (
    <nav className="ov-counters sw-panel sw-map-colors" aria-label={t("overview.counters")} aria-busy={!counters}>
      {(counters ?? EMPTY).map((counter) => (
        <CounterLink key={counter.key} counter={counter} known={!!counters} />
      ))}
      {more}
    </nav>
  );
});

function CounterLink({ counter, known }: { counter: Counter; known: boolean }) {
  const { t, i18n } = useTranslation();
  const { key, value, series, query } = counter;
  const look = KIND_OF[key];
  const yesterday = series.at(-2);
  const figure = known ? value.toLocaleString(i18n.language) : "–";
  return (
    <Link className="ov-counter" to={`/cases?${query}`} data-testid={`counter-${key}`} data-value={known ? value : undefined}>
      <span className="ov-counter-name sw-small">
        {look ? <KindGlyph kind={look.kind} size={14} /> : null}
        {t(`overview.counter.${key}`, { defaultValue: key })}
      </span>
      <span className="ov-counter-past sw-small sw-quiet">
        {yesterday === undefined ? "" : t("overview.yesterday", { n: yesterday.toLocaleString(i18n.language) })}
      </span>
      <span className={`ov-counter-value ${value > 0 && look?.tone ? look.tone : ""}`}>{figure}</span>
      <Spark series={series} />
    </Link>
  );
}
