import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

const OVERSCAN = 12;
/** Where each list was left, so that coming back does not start at the top. */
const places = new Map<string, number>();

/** Rows of one height, of which only those in sight are drawn. */
export function useWindow(key: string, total: number, rowHeight: number) {
  const scroller = useRef<HTMLDivElement>(null);
  const [first, setFirst] = useState(0);
  const [height, setHeight] = useState(800);

  const measure = useCallback(() => {
    const box = scroller.current;
    if (!box) return;
    places.set(key, box.scrollTop);
    setFirst(Math.floor(box.scrollTop / rowHeight));
  }, [key, rowHeight]);

  useEffect(() => {
    const box = scroller.current;
    if (!box) return;
    const observer = new ResizeObserver(() => setHeight(box.clientHeight));
    observer.observe(box);
    return () => observer.disconnect();
  }, []);

  const ready = total > 0;
  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box || !ready) return;
    box.scrollTop = places.get(key) ?? 0;
    setFirst(Math.floor(box.scrollTop / rowHeight));
  }, [key, ready, rowHeight]);

  const from = Math.max(0, first - OVERSCAN);
  const to = Math.min(total, first + Math.ceil(height / rowHeight) + OVERSCAN);

  /** Scrolls as little as needed to bring a row into sight. `head` is what covers the top. */
  const reveal = useCallback(
    (index: number, head = 0) => {
      const box = scroller.current;
      if (!box) return;
      const top = index * rowHeight;
      if (top < box.scrollTop) box.scrollTop = top;
      else if (top + rowHeight > box.scrollTop + box.clientHeight - head) box.scrollTop = top + rowHeight - box.clientHeight + head;
    },
    [rowHeight],
  );

  const toTop = useCallback(() => {
    if (scroller.current) scroller.current.scrollTop = 0;
  }, []);

  return { scroller, from, to, onScroll: measure, reveal, toTop };
}
