import { useId, useState, type KeyboardEvent, type ReactNode } from "react";

export interface Choice { key: string; words: string; more?: string }
interface Field { role: "combobox"; "aria-expanded": boolean; "aria-controls": string; "aria-activedescendant"?: string; onKeyDown: (event: KeyboardEvent) => void }
interface Props {
  options: readonly Choice[]; none: string | null; testId: string;
  onPick: (index: number) => void; onCancel?: () => void;
  children: (field: Field) => ReactNode;
}

/** A field with a list under it: arrows walk, Enter takes, Escape gives the field up. */
export function Choices({ options, none, testId, onPick, onCancel, children }: Props) {
  const id = useId();
  // another list begins at its first
  const list = options.map(({ key }) => key).join("\n");
  const [marked, setMarked] = useState({ list, at: 0 });
  const at = marked.list === list ? marked.at : 0;
  const setAt = (next: number): void => setMarked({ list, at: next });
  const keys = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "ArrowDown") setAt(Math.min(at + 1, options.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(at - 1, 0));
    else if (event.key === "Enter" && options.length > 0) onPick(at);
    else if (event.key === "Escape" && onCancel) onCancel();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className="dk-choices">
      {children({
        role: "combobox", "aria-expanded": options.length > 0, "aria-controls": id, onKeyDown: keys,
        "aria-activedescendant": options.length > 0 ? `${id}-${at}` : undefined,
      })}
      <div id={id} role="listbox" className="dk-choice-list">
        {options.map((option, index) => (
          <div key={option.key} id={`${id}-${index}`} role="option" aria-selected={index === at} tabIndex={-1} className="dk-choice" data-testid={`${testId}-option`}
            onPointerDown={(event) => {
              event.preventDefault();
              onPick(index);
            }}>
            <span>{option.words}</span>
            {option.more ? <span className="sw-small sw-quiet">{option.more}</span> : null}
          </div>
        ))}
        {options.length === 0 && none ? <p className="sw-small sw-quiet">{none}</p> : null}
      </div>
    </div>
  );
}
