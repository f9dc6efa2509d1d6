import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "react-router";
import { useShortcut } from "../shared/keyboard";

const lines: [string[], string][] = [
  [["/", "Ctrl K"], "search"], [["Alt N"], "phone"], [["j", "↓"], "down"], [["k", "↑"], "up"], [["Enter"], "open"], [["c"], "contact"], [["x"], "select"], [["a"], "all"],
  [["1", "2", "3", "4"], "tabs"], [["r"], "refresh"], [["f"], "find"], [["e"], "edit"], [["Esc"], "escape"], [["Ctrl Enter"], "submit"], [["?"], "help"],
];

/** The keys of the triage desk come with its words. */
const deskLines: [string[], string][] = [
  [["1", "…", "5"], "number"], [["/"], "find"], [["m"], "map"], [["0"], "zero"], [["j"], "join"], [["n"], "apart"], [["↑", "↓"], "choose"], [["k"], "skip"],
  [["o"], "open"], [["u"], "undo"], [["[", "]"], "walk"], [["1", "…", "0"], "parent"], [["s"], "settle"], [["c"], "case"], [["x"], "separate"],
];

/** The keys, on "?". */
export function HelpDialog() {
  const { t } = useTranslation();
  const dialog = useRef<HTMLDialogElement>(null);
  const { pathname } = useLocation();
  const shown = pathname === "/desk" || pathname === "/merges" ? deskLines.map(([keys, word]) => ({ keys, word, text: t(`desk.key.${word}`) })) : lines.map(([keys, word]) => ({ keys, word, text: t(`help.${word}`) }));
  useShortcut("?", () => dialog.current?.showModal());
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions -- Escape closes it too
    <dialog ref={dialog} className="fr-help" onClick={() => dialog.current?.close()} aria-labelledby="help-title">
      <h2 id="help-title">{t("help.title")}</h2>
      <dl>
        {shown.map(({ keys, word, text }) => (
          <div key={word}>
            <dt>{keys.map((key) => <kbd key={key}>{key}</kbd>)}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </dialog>
  );
}
