import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { dutyKeys } from "../../api/duty";
import { asProblem, problemSentence } from "../../api/problem";

/** A change of the room: runs, asks anew what is shown, and says in a sentence what was refused. */
export function useDo<Given>(work: (given: Given) => Promise<unknown>, done?: () => void) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: work,
    onSuccess: done,
    onSettled: () => client.invalidateQueries({ queryKey: dutyKeys.all }),
  });
  const problem = change.error ? asProblem(change.error) : null;
  const known = problem ? t(`duty.problem.${problem.code}`, { ...problem.params, defaultValue: "" }) : "";
  return { run: change.mutate, busy: change.isPending, refused: problem ? known || problemSentence(t, problem) : null };
}
