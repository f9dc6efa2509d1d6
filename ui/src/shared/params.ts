import { useCallback } from "react";
import { useNavigate, useSearchParams, type NavigateOptions } from "react-router";

/** The address as it shall be, or how to make it from what it is by now. */
export type Change = (next: URLSearchParams | ((now: URLSearchParams) => URLSearchParams), options?: NavigateOptions) => void;

/** What stands in the address, and a way to change it.
 *
 * A page is drawn again some time after the address has changed. Who clicks and types faster than
 * that must not write back what the page still shows, so a change starts from the address itself. */
export function useAddress(): [URLSearchParams, Change] {
  const [params] = useSearchParams();
  const navigate = useNavigate();
  const change = useCallback<Change>((next, options) => {
    const asked = typeof next === "function" ? next(new URLSearchParams(window.location.search)) : next;
    void navigate(`?${asked.toString()}`, options);
  }, [navigate]);
  return [params, change];
}

/** The address with another value of a key, or without it. */
export function setParam(params: URLSearchParams, key: string, value: string | string[] | undefined): URLSearchParams {
  const next = new URLSearchParams(params);
  next.delete(key);
  if (Array.isArray(value)) value.forEach((each) => next.append(key, each));
  else if (value) next.set(key, value);
  return next;
}
