import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { discoverKeys } from "../../api/discover";
import { problemSentence } from "../../api/problem";

/** A change in this room: runs, asks anew what is shown, says what was refused. */
export function useChange<Given, Answer>(work: (given: Given) => Promise<Answer>, done?: (answer: Answer) => void) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: work,
    onSuccess: done,
    onSettled: () => client.invalidateQueries({ queryKey: discoverKeys.all }),
  });
  return { run: change.mutate, busy: change.isPending, refused: change.error ? problemSentence(t, change.error) : null, forget: change.reset };
}
