import { useMemo, useRef, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useNavigate, useSearchParams } from "react-router";
import { useShortcut } from "../shared/keyboard";
import { SearchIcon } from "./icons";
import { casesOfUnit, useDutyHours, useOnDuty } from "./OnDuty";
import { usePages } from "./pages";
import { useCan } from "./session";

/** Somebody's name is offered from so many characters on. */
const NAME_MIN = 2;

/** Finds cases by number or words, people on duty and pages by name. Ctrl-K or / brings the cursor here. */
export function SearchBox() {
  const { pathname } = useLocation();
  const [params] = useSearchParams();
  const shown = pathname === "/cases" ? (params.get("q") ?? "") : "";
  return <SearchField key={shown} shown={shown} />;
}

/** `shown`: what the list on screen is searched for. */
function SearchField({ shown }: { shown: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const can = useCan();
  const pages = usePages();
  const onDuty = useOnDuty();
  const hours = useDutyHours();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(shown);
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(0);

  useShortcut("/", () => input.current?.focus());
  useShortcut("ctrl+k", () => input.current?.focus(), { always: true });

  const words = text.trim();
  const choices = useMemo(() => {
    const list: { key: string; label: string; more?: string; to: string }[] = [];
    if (words && can("case.read"))
      list.push({ key: "cases", label: t("top.search_cases", { q: words }), to: `/cases?q=${encodeURIComponent(words)}` });
    if (words.length >= NAME_MIN && can("case.read"))
      for (const one of onDuty)
        if (one.name.toLowerCase().includes(words.toLowerCase()))
          list.push({
            key: `duty ${one.post} ${one.name} ${one.unit} ${one.hours}`,
            label: t("top.search_person", { name: one.name, post: t(`post.${one.post}`, { defaultValue: one.post }), unit: one.unit_name, hours: hours(one) }),
            more: t("top.search_person_to"), to: casesOfUnit(one.unit),
          });
    for (const page of pages)
      if (words && page.label.toLowerCase().includes(words.toLowerCase()))
        list.push({ key: page.to, label: `${t("top.search_pages")} · ${page.label}`, to: page.to });
    return list;
  }, [words, can, onDuty, hours, pages, t]);

  function go(to: string | undefined): void {
    if (!to) return;
    setOpen(false);
    input.current?.blur();
    void navigate(to);
  }

  function key(event: KeyboardEvent): void {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter") go(choices[at]?.to ?? (shown ? "/cases" : undefined));
    else if (event.key === "ArrowDown") setAt(Math.min(at + 1, choices.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(at - 1, 0));
    else if (event.key === "Escape") {
      setText(shown);
      input.current?.blur();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <div className="fr-search" role="search">
      <SearchIcon />
      <input
        ref={input} type="search" value={text} placeholder={t("top.search")} aria-label={t("top.search")}
        data-testid="search" autoComplete="off" role="combobox" aria-expanded={open && choices.length > 0} aria-controls="search-choices"
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
          setOpen(true);
        }}
        onFocus={(event) => {
          event.target.select();
          setOpen(true);
        }}
        onBlur={() => setOpen(false)}
        onKeyDown={key}
      />
      <kbd>/</kbd>
      {open && choices.length > 0 ? (
        <div className="fr-search-list" id="search-choices" role="listbox">
          {choices.map((choice, index) => (
            <div
              key={choice.key} role="option" aria-selected={index === at} tabIndex={-1} className="fr-search-item sw-cut"
              onPointerDown={(event) => {
                event.preventDefault();
                go(choice.to);
              }}
            >
              {choice.label}
              {choice.more ? <div className="sw-small sw-quiet">{choice.more}</div> : null}
            </div>
          ))}
        </div>
      ) : null}
    </div>
  );
}
