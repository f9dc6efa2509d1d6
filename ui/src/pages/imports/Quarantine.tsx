import { useInfiniteQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { quarantineQuery } from "../../api/queries";
import { ErrorBlank, Loading } from "../../shared/Blank";

/** The rows that were set aside, each with its reason. */
export function Quarantine({ id }: { id: string }) {
  const { t } = useTranslation();
  const query = useInfiniteQuery(quarantineQuery(id));
  if (query.isPending) return <Loading rows={3} />;
  if (query.isError && !query.data) return <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />;
  const rows = query.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <div className="im-quarantine" data-testid="quarantine">
      <p className="sw-small sw-quiet">{t("imports.quarantine_text")}</p>
      <table className="sw-table">
        <thead>
          <tr>
            <th scope="col" className="im-right im-row-number">{t("imports.q_row")}</th>
            <th scope="col" className="im-column">{t("imports.q_column")}</th>
            <th scope="col">{t("imports.q_reason")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.row}-${row.code}-${row.column}`}>
              <td className="im-right sw-num">{row.row}</td>
              <td>{row.column ?? "—"}</td>
              <td>{t(`quarantine.${row.code}`, { column: row.column, defaultValue: row.reason })}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {query.hasNextPage ? <Button size="small" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t("common.more")}</Button> : null}
    </div>
  );
}
