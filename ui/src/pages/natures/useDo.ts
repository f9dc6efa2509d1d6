import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { natureKeys } from "../../api/natures";
import { problemSentence } from "../../api/problem";
import { keys } from "../../api/queries";

/** A change of a case's nature, hazard or dispute: runs, asks anew what is shown, says what was refused. */
export function useDo<Given>(caseId: string, work: (given: Given) => Promise<unknown>, done?: () => void) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: work,
    onSuccess: done,
    onSettled: () => {
      void client.invalidateQueries({ queryKey: natureKeys.all });
      // the vault may hold more, and the story and the clocks go on, while the case keeps its version
      void client.invalidateQueries({ queryKey: keys.personal(caseId) });
      void client.invalidateQueries({ queryKey: keys.case(caseId) });
    },
  });
  return { run: change.mutate, busy: change.isPending, refused: change.error ? problemSentence(t, change.error) : null };
}
