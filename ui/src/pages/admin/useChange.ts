import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { accountKeys } from "../../api/accounts";
import { problemSentence } from "../../api/problem";

/** Does one change, says what went wrong, and reads the lists anew. */
export function useChange() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  async function change<T>(work: () => Promise<T>): Promise<T | null> {
    setBusy(true);
    setProblem(null);
    let result: T | null = null;
    try {
      result = await work();
    } catch (error) {
      setProblem(problemSentence(t, error));
    }
    await client.invalidateQueries({ queryKey: accountKeys.people });
    await client.invalidateQueries({ queryKey: accountKeys.standIns });
    setBusy(false);
    return result;
  }
  return { busy, problem, setProblem, change };
}
