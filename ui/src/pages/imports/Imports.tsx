import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { importsQuery } from "../../api/queries";
import type { Import } from "../../api/types";
import { useCan } from "../../app/session";
import { Blank, ErrorBlank, Loading } from "../../shared/Blank";
import { History } from "./History";
import { NewImport } from "./NewImport";
import { Progress } from "./Progress";
import "../../shared/table.css";
import "./imports.css";

export function isRunning(one: Import): boolean {
  return one.state === "queued" || one.state === "running";
}

export default function Imports() {
  const { t } = useTranslation();
  const can = useCan();
  const query = useQuery({
    ...importsQuery,
    refetchInterval: ({ state }) => (state.data?.items.some(isRunning) ? 1_000 : false),
  });
  const [currentId, setCurrentId] = useState<string | null>(null);
  const items = query.data?.items ?? [];
  const current = items.filter((one) => isRunning(one) || one.id === currentId);
  return (
    <div className="im">
      <header className="im-head">
        <h1>{t("imports.title")}</h1>
        <p className="sw-quiet">{t("imports.intro")}</p>
      </header>
      {can("import.run") ? (
        <NewImport onStarted={(one) => {
          setCurrentId(one.id);
          void query.refetch();
        }} />
      ) : <p className="sw-quiet">{t("imports.cannot_run")}</p>}
      {current.map((one) => <Progress key={one.id} one={one} />)}
      <section>
        <h2>{t("imports.history")}</h2>
        {query.isPending ? <Loading rows={5} />
          : query.isError && !query.data ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />
          : items.length === 0 ? <Blank title={t("imports.empty_title")} text={can("import.run") ? t("imports.empty_text") : undefined} />
          : <History items={items} />}
      </section>
    </div>
  );
}
