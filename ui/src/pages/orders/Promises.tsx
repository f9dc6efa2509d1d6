import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { promisesQuery, sayKept } from "../../api/contacts";
import { problemSentence } from "../../api/problem";
import { useCan } from "../../app/session";
import { Sentence } from "../../shared/Blank";

/** What reporters were promised, whose day is over and of which nobody has said that it was kept. */
export function Promises({ area }: { area: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const may = useCan()("order.answer");
  const query = useQuery(promisesQuery(area));
  const say = useMutation({
    mutationFn: ({ id, version, kept }: { id: string; version: number; kept: boolean }) => sayKept({ id, version }, kept),
    onSettled: () => void client.invalidateQueries({ queryKey: ["promises"] }),
  });
  const rows = query.data?.items ?? [];
  if (rows.length === 0) return null;
  return (
    <details className="or-promises" data-testid="promises">
      <summary className="sw-red">{t("orders.promises", { count: rows.length })}</summary>
      {say.error ? <Sentence tone="red">{problemSentence(t, say.error)}</Sentence> : null}
      <ul>
        {rows.map((one) => (
          <li key={one.id} data-testid="promise-row">
            <span className="sw-num sw-red">{one.promised_on}</span>
            <span className="sw-cut" title={one.promise}>{one.promise}</span>
            <Link to={`/cases/${one.case_id}`} className="sw-link sw-cut" title={one.title}>{one.case_number} {one.title}</Link>
            {may ? (
              <>
                <Button size="small" onClick={() => say.mutate({ ...one, kept: true })}>{t("orders.promise_kept")}</Button>
                <Button size="small" onClick={() => say.mutate({ ...one, kept: false })}>{t("orders.promise_broken")}</Button>
              </>
            ) : null}
          </li>
        ))}
      </ul>
    </details>
  );
}
