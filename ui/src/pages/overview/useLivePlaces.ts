import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { keys } from "../../api/queries";
import type { Entry, MapCases } from "../../api/types";
import { useLiveEntries } from "../../live/LiveProvider";
import { isState } from "../../shared/StateMark";

/**
 * Changes a glyph the moment its case changes. New cases and deadlines come with the live feed's own refetch,
 * which gathers many changes into one request every few seconds.
 */
export function useLivePlaces(area: string): void {
  const client = useQueryClient();
  useLiveEntries(
    useCallback(
      (entry: Entry | null) => {
        if (entry) client.setQueryData<MapCases>(keys.mapCases(area), (old) => old && applyEntry(old, entry));
      },
      [client, area],
    ),
  );
}

export function applyEntry(old: MapCases, entry: Entry): MapCases {
  const id = entry.subject?.kind === "case" ? entry.subject.id : null;
  const state = entry.subject?.state;
  if (!id || !isState(state)) return old;
  const at = old.cases.findIndex((c) => c.id === id);
  if (at < 0 || old.cases[at]!.state === state) return old;
  const cases = [...old.cases];
  if (state === "closed") cases.splice(at, 1);
  else cases[at] = { ...cases[at]!, state };
  return { ...old, cases };
}
