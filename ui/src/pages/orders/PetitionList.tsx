import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { PETITION_LISTS, PETITION_PAGE, petitionListQuery, type PetitionWhat } from "../../api/petitions";
import { Blank, ErrorBlank, Loading } from "../../shared/Blank";
import { useNow } from "../../shared/clock";
import { DueMark } from "../../shared/DueMark";
import { setParam, type Change } from "../../shared/params";
import { Pages } from "../natures/Pages";
import "../../shared/table.css";
import "./reconcile.css";

interface Props { area: string; params: URLSearchParams; onChange: Change }

/** Petitions under review, to be decided again, served, ended: what is shown stands in the URL. */
export function PetitionList({ area, params, onChange }: Props) {
  const { t } = useTranslation();
  const now = useNow(60_000);
  const what: PetitionWhat = PETITION_LISTS.find((one) => one === params.get("what")) ?? "running";
  const offset = Number(params.get("from")) || 0;
  const query = useQuery({ ...petitionListQuery(area, what, offset), placeholderData: (before) => before });
  const choose = (one: PetitionWhat): void => onChange((old) => setParam(setParam(old, "what", one), "from", undefined));
  const counts: Partial<Record<PetitionWhat, number>> = query.data ? { running: query.data.running, redo: query.data.redo } : {};
  return (
    <div className="rc" data-testid="petition-list">
      <p className="sw-quiet sw-small">{t("petition.list_hint")}</p>
      <div className="cs-tabs" role="tablist" aria-label={t("petition.list")}>
        {PETITION_LISTS.map((one) => (
          <button key={one} type="button" role="tab" aria-selected={what === one} className="sw-plain cs-tab" data-testid={`petitions-${one}`} onClick={() => choose(one)}>
            {t(`petition.what.${one}`)}{counts[one] ? <span className={`sw-num ${one === "redo" ? "sw-amber" : "sw-quiet"}`}> {counts[one]}</span> : null}
          </button>
        ))}
      </div>
      {query.isPending ? <Loading rows={8} /> : query.isError ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} /> : query.data.items.length === 0 ? (
        <Blank title={t(`petition.empty.${what}`)} text={t("petition.empty_text")} testId="petitions-empty" />
      ) : (
        <>
          <div className="na-scroll">
            <table className="sw-table" data-testid="petitions">
              <thead>
                <tr>{(["number", "case", "state", "organ", "next", "unit"] as const).map((one) => <th key={one} scope="col">{t(`petition.col.${one}`)}</th>)}</tr>
              </thead>
              <tbody>
                {query.data.items.map((one) => (
                  <tr key={one.id} data-testid="petition-row">
                    <td className="sw-num">{one.number}</td>
                    <td className="sw-cut"><Link to={`/cases/${one.case.id}`} className="sw-link">{one.case.number}</Link> {one.case.title}</td>
                    <td>{t(`petition.state.${one.state}`)}{one.outcome ? <span className="sw-quiet"> {t(`petition.outcome.${one.outcome}`)}</span> : null}</td>
                    <td className="sw-quiet">{one.organ ? t(`petition.organ.${one.organ}`, { defaultValue: one.organ }) : "—"}</td>
                    <td>{one.next ? <><span className="sw-small sw-quiet">{t(`petition.period.${one.next.kind}`)}</span> {one.next.state === "paused" ? <span className="sw-mark">{t("petition.still")}</span> : <DueMark row={one.next} now={now} />}</> : "—"}</td>
                    <td className="sw-quiet">{one.case.unit?.name ?? t("cases.no_unit")}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <Pages offset={offset} size={PETITION_PAGE} count={query.data.count} onGo={(from) => onChange((old) => setParam(old, "from", from ? String(from) : undefined))} />
        </>
      )}
    </div>
  );
}
