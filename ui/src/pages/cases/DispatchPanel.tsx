import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { dispatchEach, previewQuery } from "../../api/dispatch";
import { problemSentence } from "../../api/problem";
import { keys } from "../../api/queries";
import type { DispatchLine, DispatchPreview } from "../../api/types";
import { useArea } from "../../app/session";
import { Blank, ErrorBlank, Loading } from "../../shared/Blank";
import { askWords, becauseWords, LoadMark, loadWords, percent } from "../../shared/DispatchWords";
import { Refused } from "./BulkBar";
import "./dispatch.css";

type Chosen = ReadonlyMap<string, string>;
/** Lines of one group that are drawn at once; the others go where they are suggested to. */
const SHOWN = 200;

interface Props {
  /** None: all that waits in the area. */
  ids: string[];
  onClose: () => void;
  /** Sent; these could not be, or were left. */
  onSent: (left: string[]) => void;
}

/** Many cases, each to its own unit: what is clear in groups by unit, what is not for the officer. */
export default function DispatchPanel({ ids, onClose, onSent }: Props) {
  const { t } = useTranslation();
  const { area } = useArea();
  const client = useQueryClient();
  const dialog = useRef<HTMLDialogElement>(null);
  const query = useQuery({ ...previewQuery(area.code, ids), refetchOnWindowFocus: false, refetchOnReconnect: false });
  const [chosen, setChosen] = useState<Chosen>(new Map());
  const [note, setNote] = useState("");
  useEffect(() => dialog.current?.showModal(), []);
  const lines = useMemo(() => query.data?.lines ?? [], [query.data]);
  const unitOf = (line: DispatchLine): string => chosen.get(line.case.id) ?? line.unit ?? "";
  const going = lines.filter((line) => unitOf(line) !== "");

  const send = useMutation({
    mutationFn: () =>
      dispatchEach({ items: going.map((line) => ({ id: line.case.id, version: line.case.version, unit: unitOf(line) })), note: note.trim() || undefined }),
    onSettled: () => client.invalidateQueries({ queryKey: keys.caseLists }),
  });
  const sent = send.data;
  const close = (): void => {
    if (!sent) return onClose();
    const done = new Set(sent.done);
    onSent(ids.filter((id) => !done.has(id)));
  };
  return (
    <dialog ref={dialog} className="dp" aria-labelledby="dp-title" data-testid="dispatch-panel" onClose={close}>
      <header className="dp-head">
        <h2 id="dp-title">{t("dispatching.title")}</h2>
        {query.data && !sent ? (
          <p className="sw-small sw-quiet sw-num" data-testid="dispatch-sum">
            {t("dispatching.clear", { count: lines.filter(({ unit }) => unit).length })} · {t("dispatching.asked", { count: lines.filter(({ unit }) => !unit).length })}
            {query.data.left > 0 ? ` · ${t("dispatching.left", { count: query.data.left })}` : ""}
          </p>
        ) : null}
      </header>
      <div className="dp-body">
        {query.isPending ? <Loading rows={8} />
          : query.isError ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />
          : sent ? (
            <div role="status" data-testid="dispatch-outcome">
              <p>{t("dispatching.sent", { count: sent.done.length })}</p>
              {sent.refused.length > 0 ? <p className="sw-amber">{t("dispatching.refused", { count: sent.refused.length })}</p> : null}
              <Refused refused={sent.refused} />
            </div>
          ) : lines.length === 0 ? <Blank title={t("dispatching.nothing")} text={t("dispatching.nothing_text")} testId="dispatch-empty" />
          : <Groups preview={query.data} unitOf={unitOf} onChoose={(id, unit) => setChosen((before) => new Map(before).set(id, unit))} />}
      </div>
      {send.error ? <p className="sw-red" role="alert">{problemSentence(t, send.error)}</p> : null}
      <footer className="dp-foot">
        {query.data && !sent && lines.length > 0 ? (
          <>
            <Input className="dp-note" value={note} placeholder={t("dispatching.note")} aria-label={t("dispatching.note")} onChange={(event) => setNote(event.target.value)} />
            <Button type="primary" disabled={going.length === 0} loading={send.isPending} data-testid="dispatch-send" onClick={() => send.mutate()}>
              {t("dispatching.send", { count: going.length })}
            </Button>
          </>
        ) : null}
        <Button data-testid="dispatch-close" onClick={() => dialog.current?.close()}>{t(sent ? "common.close" : "common.cancel")}</Button>
      </footer>
    </dialog>
  );
}

interface GroupsProps { preview: DispatchPreview; unitOf: (line: DispatchLine) => string; onChoose: (id: string, unit: string) => void }

function Groups({ preview, unitOf, onChoose }: GroupsProps) {
  const { t } = useTranslation();
  const asked = preview.lines.filter(({ unit }) => !unit);
  const groups = preview.units.map((unit) => ({ unit, lines: preview.lines.filter((line) => line.unit === unit.code) })).filter(({ lines }) => lines.length > 0);
  const rows = (lines: DispatchLine[]) => lines.slice(0, SHOWN).map((line) => <Line key={line.case.id} line={line} preview={preview} unit={unitOf(line)} onChoose={onChoose} />);
  return (
    <>
      {asked.length > 0 ? (
        <details open className="dp-group" data-testid="dispatch-asked">
          <summary><strong className="sw-amber">{t("dispatching.asked", { count: asked.length })}</strong></summary>
          <ul>{rows(asked)}</ul>
        </details>
      ) : null}
      {groups.map(({ unit, lines }) => (
        <details key={unit.code} className="dp-group" data-testid="dispatch-group" data-unit={unit.code} open={groups.length + asked.length === 1}>
          <summary>
            <strong>{unit.name}</strong> <span className="sw-num">{t("dispatching.waiting", { count: lines.length })}</span>{" "}
            <LoadMark unit={unit} /> <span className="sw-small sw-quiet sw-num">{t("dispatching.more", { more: unit.more })}</span>
          </summary>
          <ul>{rows(lines)}</ul>
        </details>
      ))}
    </>
  );
}

interface LineProps { line: DispatchLine; preview: DispatchPreview; unit: string; onChoose: (id: string, unit: string) => void }

function Line({ line, preview, unit, onChoose }: LineProps) {
  const { t } = useTranslation();
  const likely = line.options.map(({ code }) => code);
  const option = line.options.find(({ code }) => code === unit);
  const name = (one: DispatchPreview["units"][number]): string => {
    const sure = line.options.find(({ code }) => code === one.code)?.confidence;
    return [one.name, loadWords(t, one), typeof sure === "number" ? t("dispatching.sure", { percent: percent(sure) }) : ""].filter(Boolean).join(" · ");
  };
  const units = [...preview.units].sort((a, b) => rank(likely, a.code) - rank(likely, b.code));
  return (
    <li className="dp-line" data-testid="dispatch-line">
      <div className="dp-what">
        <span className="sw-small sw-num sw-quiet">{line.case.number}</span>
        <span className="dp-title">{line.case.title}</span>
        <span className="sw-small sw-quiet">{[line.case.category?.name, line.case.place_text ?? line.case.grid?.name].filter(Boolean).join(" · ")}</span>
        {line.asks.map((step) => <span key={step.code} className="sw-small sw-amber" data-testid="dispatch-ask">{askWords(t, step)}</span>)}
        {(option ? [option] : line.options).map((one) => (
          <span key={one.code} className="sw-small sw-quiet" data-testid="dispatch-why">
            {option ? "" : `${one.name} · `}{one.because.map((step) => becauseWords(t, step)).join("；")}
          </span>
        ))}
      </div>
      {/* A field of the browser's own: there may be hundreds of them. */}
      <select className="dp-unit" value={unit} aria-label={t("dispatching.pick")} data-testid="dispatch-unit" onChange={(event) => onChoose(line.case.id, event.target.value)}>
        <option value="">{t("dispatching.later")}</option>
        {units.map((one) => <option key={one.code} value={one.code}>{name(one)}</option>)}
      </select>
    </li>
  );
}

/** What something speaks for comes first, the likeliest before. */
function rank(likely: readonly string[], code: string): number {
  const at = likely.indexOf(code);
  return at < 0 ? likely.length : at;
}
