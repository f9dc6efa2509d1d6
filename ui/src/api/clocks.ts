import { queryOptions } from "@tanstack/react-query";
import { api, take } from "./client";
import { keys } from "./queries";
import type { CaseClocks } from "./types";

/** Under the case: whatever the journal says of the case brings its clocks up to date, too. */
export const clocksQuery = (caseId: string) =>
  queryOptions({
    queryKey: [...keys.case(caseId), "clocks"] as const,
    queryFn: ({ signal }): Promise<CaseClocks> => take(api.GET("/api/v1/cases/{case_id}/clocks", { params: { path: { case_id: caseId } }, signal })),
  });
