import { useEffect, useRef } from "react";

/** Anything that takes letters for itself. */
function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.role === "combobox";
}

/**
 * Keys of the desk: heard before the frame's own ("/" searches classes here, not cases). A key that
 * is not in `keys` goes its usual way; nothing is taken while somebody types or a dialog is open.
 */
export function useDeskKeys(keys: Record<string, (() => void) | undefined>): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
      const act = latest.current[event.key];
      if (!act || typing(event.target) || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      event.stopPropagation();
      act();
    };
    document.addEventListener("keydown", onKey, true);
    return () => document.removeEventListener("keydown", onKey, true);
  }, []);
}
