import { Button, Checkbox, Input } from "antd";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Kind } from "../../api/directory";
import { Blank, ErrorBlank, Loading } from "../../shared/Blank";
import { useShortcut } from "../../shared/keyboard";
import { listColumns } from "./columns";
import { isByDay, kindName } from "./kinds";
import { useWords } from "./names";
import type { Looking } from "./params";
import { Rows } from "./Rows";
import { TryRule } from "./TryRule";
import { useRecords } from "./useRecords";

const SEARCH_WAIT_MS = 250;

interface Props { kind: Kind; looking: Looking; look: (change: Partial<Looking>, replace?: boolean) => void }

/** The records of a kind: search, and a list that is worked by keyboard. */
export function Records({ kind, looking, look }: Props) {
  const { t, i18n } = useTranslation();
  const words = useWords();
  const columns = useMemo(() => listColumns(kind, words, i18n.language), [kind, words, i18n.language]);
  const list = useRecords(kind.kind, looking.q, looking.ended);
  const [decided, setDecided] = useState<string | null>(null);
  const { rows } = list;
  return (
    <section className="di-records" aria-label={kindName(kind, i18n.language)}>
      <div className="di-bar">
        <Search q={looking.q} onSearch={(q) => look({ q }, true)} placeholder={t("dir.search", { kind: kindName(kind, i18n.language) })} />
        <Checkbox checked={looking.ended} onChange={(event) => look({ ended: event.target.checked }, true)} data-testid="show-ended">
          {t(isByDay(kind.kind) ? "dir.with_past" : "dir.with_ended")}
        </Checkbox>
        {kind.writable ? (
          <Button data-testid="new-record" onClick={() => look({ mode: "new", code: null, item: null })}>{t("dir.new")}</Button>
        ) : null}
      </div>
      {kind.kind === "rule" ? <TryRule onDecided={setDecided} /> : null}
      {list.pending ? <Loading rows={14} />
        : list.error && rows.length === 0 ? <ErrorBlank error={list.error} onRetry={list.retry} />
        : rows.length === 0 ? (
          <Blank title={t(looking.q ? "dir.none_found" : "dir.none")} text={looking.q ? t("dir.none_found_text") : undefined} testId="records-empty">
            {looking.q ? <Button onClick={() => look({ q: "" }, true)}>{t("dir.clear_search")}</Button> : null}
          </Blank>
        ) : <Rows kind={kind} columns={columns} list={list} looking={looking} look={look} marked={decided} />}
    </section>
  );
}

function Search({ q, onSearch, placeholder }: { q: string; onSearch: (q: string) => void; placeholder: string }) {
  const [typed, setTyped] = useState(q);
  const [seen, setSeen] = useState(q);
  const [asked, setAsked] = useState(q);
  // the URL may change by other ways than this field; what was asked for here takes back no letter
  if (seen !== q) {
    setSeen(q);
    setAsked(q);
    if (q !== asked) setTyped(q);
  }
  useEffect(() => {
    if (typed.trim() === q) return;
    const timer = window.setTimeout(() => {
      setAsked(typed.trim());
      onSearch(typed.trim());
    }, SEARCH_WAIT_MS);
    return () => window.clearTimeout(timer);
  }, [typed, q, onSearch]);
  useShortcut("f", () => document.querySelector<HTMLInputElement>("[data-testid=record-search]")?.focus());
  return (
    <Input className="di-search" allowClear value={typed} placeholder={placeholder} aria-label={placeholder} data-testid="record-search"
      onChange={(event) => setTyped(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === "Escape" || event.key === "Enter") event.currentTarget.blur();
      }} />
  );
}
