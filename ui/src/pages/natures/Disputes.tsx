import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { disputesQuery, PAGE, type Colour } from "../../api/natures";
import { Blank, ErrorBlank, Loading } from "../../shared/Blank";
import { Pages } from "./Pages";
import "../case/natures.css";

const COLOURS: Colour[] = ["red", "yellow", "green"];

/** Disputes of the street. A list shows how many parties there are, and never who. */
export function Disputes({ area }: { area: string }) {
  const { t } = useTranslation();
  const [ended, setEnded] = useState(false);
  const [colour, setColour] = useState<Colour>();
  const [offset, setOffset] = useState(0);
  const query = useQuery({ ...disputesQuery({ area, ended, colour, offset }), placeholderData: (before) => before });
  return (
    <>
      <div className="nt-fields">
        <Select className="cs-filter" value={ended ? "ended" : "open"} aria-label={t("dispute.now")} data-testid="disputes-ended"
          onChange={(value: string) => {
            setEnded(value === "ended");
            setOffset(0);
          }}
          options={[{ value: "open", label: t("dispute.open") }, { value: "ended", label: t("dispute.ended") }]} />
        <Select className="cs-filter" value={colour ?? ""} aria-label={t("dispute.colour_name")} data-testid="disputes-colour"
          onChange={(value: string) => {
            setColour(COLOURS.find((one) => one === value));
            setOffset(0);
          }}
          options={[{ value: "", label: t("dispute.all_colours") }, ...COLOURS.map((value) => ({ value, label: t(`dispute.colour.${value}`) }))]} />
      </div>
      {query.isPending ? <Loading rows={8} /> : query.isError ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} /> : query.data.items.length === 0 ? (
        <Blank title={t("dispute.empty_title")} text={t("dispute.empty_text")} testId="disputes-empty" />
      ) : (
        <>
          <div className="na-scroll">
            <table className="sw-table" data-testid="disputes">
              <thead>
                <tr><th scope="col">{t("dispute.case")}</th><th scope="col">{t("dispute.colour_name")}</th><th scope="col">{t("dispute.kind_name")}</th><th scope="col">{t("dispute.now")}</th><th scope="col">{t("dispute.mediator")}</th><th scope="col">{t("dispute.visits")}</th><th scope="col">{t("dispute.parties")}</th></tr>
              </thead>
              <tbody>
                {query.data.items.map((one) => (
                  <tr key={one.case.id} data-testid="dispute-row">
                    <td className="sw-cut"><Link to={`/cases/${one.case.id}`}>{one.case.number}</Link> {one.case.title}</td>
                    <td><span className={`nt-colour nt-${one.colour}`}>{t(`dispute.colour.${one.colour}`)}</span></td>
                    <td>{t(`dispute.kind.${one.kind}`, { defaultValue: one.kind })}</td>
                    <td>{one.state ? t(`dispute.state.${one.state}`) : ""}</td>
                    <td>{one.mediator?.name ?? <span className="sw-quiet">{t("dispute.nobody")}</span>}</td>
                    <td className="sw-num">{t("dispute.visits_count", { n: one.visits })}</td>
                    <td className="sw-num">{t("dispute.parties_count", { n: one.parties })}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <Pages offset={offset} size={PAGE} count={query.data.count} onGo={setOffset} />
        </>
      )}
    </>
  );
}
