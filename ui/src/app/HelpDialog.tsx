import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { useShortcut } from "../shared/keyboard";

const lines: [string[], string][] = [
  [["/", "Ctrl K"], "search"], [["Alt N"], "phone"], [["j", "↓"], "down"], [["k", "↑"], "up"], [["Enter"], "open"], [["x"], "select"], [["a"], "all"],
  [["1", "2", "3", "4"], "tabs"], [["r"], "refresh"], [["f"], "find"], [["e"], "edit"], [["Esc"], "escape"], [["Ctrl Enter"], "submit"], [["?"], "help"],
];

/** The keys, on "?". */
export function HelpDialog() {
  const { t } = useTranslation();
  const dialog = useRef<HTMLDialogElement>(null);
  useShortcut("?", () => dialog.current?.showModal());
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions -- Escape closes it too
    <dialog ref={dialog} className="fr-help" onClick={() => dialog.current?.close()} aria-labelledby="help-title">
      <h2 id="help-title">{t("help.title")}</h2>
      <dl>
        {lines.map(([keys, word]) => (
          <div key={word}>
            <dt>{keys.map((key) => <kbd key={key}>{key}</kbd>)}</dt>
            <dd>{t(`help.${word}`)}</dd>
          </div>
        ))}
      </dl>
    </dialog>
  );
}
