import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { directivesQuery } from "../../api/duty";
import { useArea } from "../../app/session";
import { Blank, ErrorBlank, Loading } from "../../shared/Blank";
import { setParam, useAddress } from "../../shared/params";
import { DirectiveCard } from "./Directive";

const SHOWN = ["undone", "late", "mine", "done"] as const;

/** Leaders' notes that are not done yet, what is due first; the filter stands in the URL. */
export function DirectiveList() {
  const { t } = useTranslation();
  const { area } = useArea();
  const [params, change] = useAddress();
  const shown = SHOWN.find((one) => one === params.get("show")) ?? "undone";
  const query = useQuery(directivesQuery(area.code, shown === "undone" ? {} : { [shown]: true }));
  return (
    <>
      <div className="du-filters">
        {SHOWN.map((one) => (
          <button key={one} type="button" className={`sw-plain sw-link ${one === shown ? "du-on" : "sw-quiet"}`} aria-pressed={one === shown} data-testid={`directives-${one}`}
            onClick={() => change((now) => setParam(now, "show", one === "undone" ? undefined : one))}>{t(`directive.show.${one}`)}</button>
        ))}
        {query.data ? <span className="sw-quiet sw-num du-end" role="status">{t("directive.count", { n: query.data.count.exact ? query.data.count.value : `${query.data.count.value}+` })}</span> : null}
      </div>
      {query.isPending ? <Loading rows={8} />
        : query.isError ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />
          : query.data.items.length === 0 ? <Blank title={t(`directive.empty.${shown}`)} testId="directives-empty" />
            : <ul className="du-cards">{query.data.items.map((one) => <DirectiveCard key={one.id} one={one} withCase />)}</ul>}
    </>
  );
}
