import { useCallback, useMemo, useRef, useState, type FocusEvent, type UIEvent } from "react";

/** True while the pointer or the keyboard focus is in an element, or it is scrolled away from its top. */
export function useHold() {
  const reasons = useRef(new Set<string>());
  const [held, setHeld] = useState(false);
  const mark = useCallback((reason: string, on: boolean) => {
    if (on) reasons.current.add(reason);
    else reasons.current.delete(reason);
    setHeld(reasons.current.size > 0);
  }, []);
  const handlers = useMemo(
    () => ({
      onPointerEnter: () => mark("pointer", true),
      onPointerLeave: () => mark("pointer", false),
      // Only focus that shows: after a click with the mouse the pointer alone decides.
      onFocus: (event: FocusEvent<HTMLElement>) => mark("focus", event.target.matches(":focus-visible")),
      onBlur: () => mark("focus", false),
      onScroll: (event: UIEvent<HTMLElement>) => mark("scroll", event.currentTarget.scrollTop > 4),
    }),
    [mark],
  );
  return { held, handlers };
}
