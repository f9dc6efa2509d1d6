import { useEffect, useRef, useState, type ReactNode } from "react";
import { DownIcon } from "./icons";

interface MenuProps { label: ReactNode; title: string; testId?: string; bare?: boolean; wide?: boolean; children: (close: () => void) => ReactNode }

/** A button that opens a small panel under it; Escape or a click elsewhere closes it. `bare`: without an arrow; `wide`: on a phone as wide as the screen. */
export function Menu({ label, title, testId, bare, wide, children }: MenuProps) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    const outside = (event: PointerEvent): void => {
      if (!box.current?.contains(event.target as Node)) setOpen(false);
    };
    const escape = (event: KeyboardEvent): void => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      setOpen(false);
      box.current?.querySelector("button")?.focus();
    };
    document.addEventListener("pointerdown", outside);
    document.addEventListener("keydown", escape, true);
    return () => {
      document.removeEventListener("pointerdown", outside);
      document.removeEventListener("keydown", escape, true);
    };
  }, [open]);
  return (
    <div className={wide ? "fr-menu fr-menu-wide" : "fr-menu"} ref={box}>
      <button
        type="button" className="sw-plain fr-menu-button" aria-haspopup="true" aria-expanded={open}
        title={title} aria-label={bare ? title : undefined} data-testid={testId} onClick={() => setOpen(!open)}
      >
        {label}
        {bare ? null : <DownIcon />}
      </button>
      {open ? <div className="fr-menu-panel">{children(() => setOpen(false))}</div> : null}
    </div>
  );
}

interface ChoiceProps { on?: boolean; onPick: () => void; children: ReactNode; testId?: string }

export function MenuItem({ on, onPick, children, testId }: ChoiceProps) {
  return (
    <button type="button" className="sw-plain fr-menu-item" aria-pressed={on} data-testid={testId} onClick={onPick}>
      {children}
    </button>
  );
}
