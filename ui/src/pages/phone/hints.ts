import { useEffect, useState } from "react";
import { fetchHints } from "../../api/orders";
import type { Hints } from "../../api/types";
import type { Draft } from "./draft";

const PAUSE_MS = 220;
const NOTHING: Hints = { places: [], category: null, known: [] };

/** What fits what has been typed, asked for in the pauses of typing. What was found stays until the next answer. */
export function useHints(area: string, draft: Draft): { hints: Hints; for: string } {
  const [found, setFound] = useState({ hints: NOTHING, for: "" });
  const { text, place, placeCode, category } = draft;
  useEffect(() => {
    const abort = new AbortController();
    const timer = window.setTimeout(() => {
      if (!text.trim() && !place.trim()) {
        setFound({ hints: NOTHING, for: "" });
        return;
      }
      fetchHints({ area, text, place, place_code: placeCode, category }, abort.signal).then(
        (hints) => setFound({ hints, for: place }),
        () => {}, // a hint that does not come is none; saving says what is wrong
      );
    }, PAUSE_MS);
    return () => {
      window.clearTimeout(timer);
      abort.abort();
    };
  }, [area, text, place, placeCode, category]);
  return found;
}
