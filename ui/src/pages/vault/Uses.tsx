import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { vaultUsesQuery } from "../../api/queries";
import { Blank, ErrorBlank, Loading } from "../../shared/Blank";
import { useTimes } from "../../shared/time";

/** Who had what shown, searched or destroyed: the audit's list, without a value in it. */
export function Uses() {
  const { t } = useTranslation();
  const times = useTimes();
  const query = useQuery(vaultUsesQuery);
  return (
    <section className="va-part sw-panel" aria-label={t("vault.uses")}>
      <h2>{t("vault.uses")}</h2>
      {query.isPending ? <Loading rows={4} />
        : query.isError ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />
        : query.data.length === 0 ? <Blank title={t("vault.uses_none")} />
        : (
          <div className="va-scroll">
            <table className="sw-table" data-testid="vault-uses">
              <thead>
                <tr>
                  {["at", "who", "what", "kind", "case", "purpose", "reason"].map((name) => <th key={name} scope="col">{t(`vault.col_${name}`)}</th>)}
                </tr>
              </thead>
              <tbody>
                {query.data.map((use, index) => (
                  <tr key={`${use.at}-${index}`}>
                    <td className="sw-num">{times.stamp(use.at)}</td>
                    <td className="sw-cut">{use.by ? `${use.by} · ${use.unit}` : t("common.system")}</td>
                    <td>{t(`entry.${use.action}`, { kind: "" })}</td>
                    <td>{use.kind ? t(`mask.${use.kind}`, { defaultValue: use.kind }) : ""}</td>
                    <td className="sw-num">{use.case_number ?? ""}</td>
                    <td>{use.purpose ? t(`purpose.${use.purpose}`, { defaultValue: use.purpose }) : ""}</td>
                    <td className="sw-cut" title={use.reason ?? undefined}>{use.reason ?? ""}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
    </section>
  );
}
