import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Count } from "../../api/types";
import { useCan } from "../../app/session";
import "../cases/cases.css";
import "./desk.css";

type Tab = "desk" | "asides" | "merges";
interface Props { at: Tab; counts?: { desk?: Count; asides?: Count; merges?: Count }; children?: ReactNode }

const PAGES: [Tab, string][] = [["desk", "/desk"], ["asides", "/desk?tab=asides"], ["merges", "/merges"]];

/** The three lists of the desk; what a role has not is absent. */
export function Tabs({ at, counts, children }: Props) {
  const { t, i18n } = useTranslation();
  const can = useCan();
  const number = (count: Count): string => `${new Intl.NumberFormat(i18n.language).format(count.value)}${count.exact ? "" : "+"}`;
  return (
    <div className="cs-top dk-top">
      <nav className="cs-tabs" aria-label={t("desk.title")}>
        {PAGES.filter(([tab]) => tab === "merges" || can("case.correct")).map(([tab, to]) => {
          const count = counts?.[tab];
          return (
            <Link key={tab} to={to} className="dk-tab" aria-current={tab === at ? "page" : undefined} data-testid={`desk-tab-${tab}`}>
              {t(`desk.tab.${tab}`)}{count && count.value > 0 ? <span className="sw-quiet sw-num"> {number(count)}</span> : null}
            </Link>
          );
        })}
      </nav>
      <div className="dk-side sw-small">{children}</div>
    </div>
  );
}
