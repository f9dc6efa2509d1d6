import { useEffect, useRef } from "react";

function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.role === "combobox";
}

/** "j", "?", "Escape", "ctrl+k", "alt+n". */
function matches(event: KeyboardEvent, key: string): boolean {
  // with Alt, some keyboards give another letter: the key itself counts
  if (key.startsWith("alt+")) return event.altKey && !event.ctrlKey && !event.metaKey && event.code === `Key${key.slice(4).toUpperCase()}`;
  const wanted = key.startsWith("ctrl+") ? key.slice(5) : key;
  const ctrl = event.ctrlKey || event.metaKey;
  return event.key === wanted && ctrl === key.startsWith("ctrl+") && !event.altKey;
}

/** Runs `action` on a key, unless somebody is typing (or always). A dialog on top takes the keys. */
export function useShortcut(key: string, action: () => void, { always = false, off = false } = {}): void {
  const latest = useRef(action);
  useEffect(() => {
    latest.current = action;
  });
  useEffect(() => {
    if (off) return;
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing || !matches(event, key)) return;
      if (!always && typing(event.target)) return;
      if (!always && document.querySelector("dialog[open]")) return;
      event.preventDefault();
      latest.current();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [key, always, off]);
}
