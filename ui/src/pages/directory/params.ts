import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";

/** What of the directory is looked at; all of it stands in the URL. */
export interface Looking {
  kind: string; q: string; ended: boolean; code: string | null;
  /** "edit" the record, write a "new" one, or "review" the draft. */
  mode: "edit" | "new" | "review" | null;
  /** The draft's item that is written on, for a new record. */
  item: string | null;
}

const MODES = ["edit", "new", "review"] as const;

/** `usual`: the kind that is shown when the URL names none. */
export function useLooking(usual: string): [Looking, (change: Partial<Looking>, replace?: boolean) => void] {
  const [params, setParams] = useSearchParams();
  const looking = useMemo<Looking>(() => {
    const mode = MODES.find((one) => one === params.get("do")) ?? null;
    return {
      kind: params.get("kind") || usual, q: params.get("q") ?? "", ended: params.get("ended") === "1", code: params.get("code"),
      mode: mode === "edit" && !params.get("code") ? null : mode, item: params.get("item"),
    };
  }, [params, usual]);
  const look = useCallback(
    (change: Partial<Looking>, replace = false) => setParams(paramsOf({ ...looking, ...change }), { replace }),
    [looking, setParams],
  );
  return [looking, look];
}

export function paramsOf({ kind, q, ended, code, mode, item }: Looking): URLSearchParams {
  const params = new URLSearchParams({ kind });
  if (q) params.set("q", q);
  if (ended) params.set("ended", "1");
  if (code) params.set("code", code);
  if (mode) params.set("do", mode);
  if (item) params.set("item", item);
  return params;
}

/** The address of a record's page. */
export function recordPath(kind: string, code: string): string {
  return `/directory?${paramsOf({ kind, code, q: "", ended: false, mode: null, item: null }).toString()}`;
}
