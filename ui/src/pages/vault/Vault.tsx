import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { vaultQuery } from "../../api/queries";
import { useCan } from "../../app/session";
import { ErrorBlank, Loading } from "../../shared/Blank";
import { Forget } from "./Forget";
import { Rotation } from "./Rotation";
import { Uses } from "./Uses";
import "../../shared/table.css";
import "./vault.css";

const COUNTS = ["items", "fields", "reporters", "items_forgotten", "reporters_forgotten"] as const;

/** The vault for its administrators: how much there is, its keys, forgetting, who used it. */
export default function Vault() {
  const { t } = useTranslation();
  const can = useCan();
  return (
    <div className="va">
      <header>
        <h1>{t("vault.title")}</h1>
        <p className="sw-quiet">{t("vault.intro")}</p>
      </header>
      {can("vault.forget") || can("key.rotate") ? <Numbers /> : null}
      {can("key.rotate") ? <Rotation /> : null}
      {can("vault.forget") ? <Forget /> : null}
      {can("audit.read") ? <Uses /> : null}
    </div>
  );
}

function Numbers() {
  const { t, i18n } = useTranslation();
  const query = useQuery(vaultQuery);
  const format = new Intl.NumberFormat(i18n.language);
  if (query.isPending) return <Loading rows={2} />;
  if (query.isError) return <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <dl className="va-numbers sw-panel" data-testid="vault-numbers">
      {COUNTS.map((name) => (
        <div key={name}>
          <dt className="sw-small sw-quiet">{t(`vault.count_${name}`)}</dt>
          <dd className="va-number sw-num" data-testid={`count-${name}`}>{format.format(query.data[name])}</dd>
        </div>
      ))}
    </dl>
  );
}
