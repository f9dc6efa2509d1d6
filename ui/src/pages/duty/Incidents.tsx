import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { incidentsQuery } from "../../api/duty";
import { useArea } from "../../app/session";
import { Blank, ErrorBlank, Loading } from "../../shared/Blank";
import { IncidentCard } from "./IncidentCard";

/** Incidents reported upward, those that go on first. */
export function Incidents() {
  const { t } = useTranslation();
  const { area } = useArea();
  const query = useQuery(incidentsQuery(area.code));
  if (query.isPending) return <Loading rows={8} />;
  if (query.isError) return <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data.items.length === 0) return <Blank title={t("incident.none")} text={t("incident.none_text")} testId="incidents-empty" />;
  return (
    <ul className="du-cards">
      {query.data.items.map((one) => (
        <li key={one.id} className="du-card" data-testid="incident">
          <Link to={`/cases/${one.case.id}`} className="sw-link sw-cut">{one.case.number} {one.case.title}</Link>
          <IncidentCard one={one} />
        </li>
      ))}
    </ul>
  );
}
