import { useCallback, useMemo } from "react";
import { useAddress } from "../../shared/params";

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
  const [params, change] = useAddress();
  const looking = useMemo(() => lookingOf(params, usual), [params, usual]);
  const look = useCallback(
    (more: Partial<Looking>, replace = false) => change((now) => paramsOf({ ...lookingOf(now, usual), ...more }), { replace }),
    [change, usual],
  );
  return [looking, look];
}

function lookingOf(params: URLSearchParams, usual: string): Looking {
  const mode = MODES.find((one) => one === params.get("do")) ?? null;
  return {
    kind: params.get("kind") || usual, q: params.get("q") ?? "", ended: params.get("ended") === "1", code: params.get("code"),
    mode: mode === "edit" && !params.get("code") ? null : mode, item: params.get("item"),
  };
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
