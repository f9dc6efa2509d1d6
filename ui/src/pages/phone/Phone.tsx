import { useMutation, useQuery } from "@tanstack/react-query";
import { Button, Checkbox, Input, Radio, Select } from "antd";
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { registerCall } from "../../api/orders";
import { problemSentence } from "../../api/problem";
import { directoryQuery } from "../../api/queries";
import type { KnownCase, PlaceHint } from "../../api/types";
import { useArea, useSession } from "../../app/session";
import { Sentence } from "../../shared/Blank";
import { Done } from "./Done";
import { ANSWERS, blank, forget, keep, recall, type Draft } from "./draft";
import { useHints } from "./hints";
import { Known } from "./Known";
import { PlaceField } from "./PlaceField";
import "./phone.css";

/** The fields in the order in which Enter walks through them. */
const STOPS = ["ph-text", "ph-place", "ph-contact", "ph-caller", "ph-save"];

export default function Phone() {
  const { staff } = useSession();
  const [draft, setDraft] = useState(() => recall(staff.id));
  const save = useMutation({
    mutationFn: (form: Draft) =>
      registerCall({
        request_id: form.requestId, area: area.code, text: form.text.trim(), place: form.place.trim() || null, place_code: form.placeCode,
        category: form.category, contact: form.contact.trim() || null, caller: form.caller.trim() || null,
        answer_by: form.answerBy, urgent: form.urgent, join: form.join?.id ?? null,
      }),
    gcTime: 0,
    onSuccess: () => {
      forget();
      setDraft(blank());
    },
  });
  const { area } = useArea();
  const change = (part: Partial<Draft>): void =>
    setDraft((before) => {
      const after = { ...before, ...part };
      keep(staff.id, after);
      return after;
    });
  if (save.data) return <Done done={save.data} onNext={save.reset} />;
  return <Form draft={draft} change={change} busy={save.isPending} error={save.error} onSave={() => save.mutate(draft)} />;
}

interface Props { draft: Draft; change: (part: Partial<Draft>) => void; busy: boolean; error: Error | null; onSave: () => void }

function Form({ draft, change, busy, error, onSave }: Props) {
  const { t } = useTranslation();
  const { area } = useArea();
  const { hints, for: hintsFor } = useHints(area.code, draft);
  const [tried, setTried] = useState(false);
  const box = useRef<HTMLFormElement>(null);
  const classes = useQuery(directoryQuery(area.code)).data?.categories;
  const options = useMemo(() => (classes ?? []).map(({ scheme, code, name }) => ({ value: `${scheme}:${code}`, label: name })), [classes]);
  const guess = hints.category ? `${hints.category.scheme}:${hints.category.code}` : null;

  const go = (id: string | undefined): void => void (id && box.current?.querySelector<HTMLElement>(`#${id}`)?.focus());
  const next = (from: string): void => go(STOPS[STOPS.indexOf(from) + 1]);
  useEffect(() => go("ph-text"), []);

  function submit(): void {
    setTried(true);
    if (!draft.text.trim()) go("ph-text");
    else if (!busy) onSave();
  }
  function join(known: KnownCase): void {
    change({ join: draft.join?.id === known.id ? null : { id: known.id, number: known.number } });
  }
  function pick(place: PlaceHint): void {
    change({ place: place.label, placeCode: place.code, where: [place.community, place.grid].filter(Boolean).join(" · ") });
  }
  function keys(event: KeyboardEvent): void {
    if (event.nativeEvent.isComposing) return;
    const digit = /^Digit([1-9])$/.exec(event.code)?.[1];
    const known = event.altKey && digit ? hints.known[Number(digit) - 1] : undefined;
    if (known) join(known);
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit();
    else if (event.key === "Enter" && !event.shiftKey && !event.altKey && event.target instanceof HTMLElement && STOPS.includes(event.target.id) && event.target.id !== "ph-save")
      next(event.target.id);
    else return;
    event.preventDefault();
  }

  return (
    <div className="ph">
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- keys bubble up from its fields */}
      <form ref={box} className="ph-form" autoComplete="off" data-testid="phone-form" onKeyDown={keys}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}>
        <header className="ph-head"><h1>{t("phone.title")}</h1><span className="sw-small sw-quiet">{t("phone.keys")}</span></header>
        <div className="ph-field">
          <label htmlFor="ph-text">{t("phone.text")}</label>
          <Input.TextArea id="ph-text" value={draft.text} maxLength={4000} autoSize={{ minRows: 2, maxRows: 8 }} placeholder={t("phone.text_hint")} data-testid="phone-text"
            status={tried && !draft.text.trim() ? "error" : undefined} onChange={(event) => change({ text: event.target.value })} />
          {tried && !draft.text.trim() ? <p className="sw-small sw-red" role="alert">{t("phone.need_text")}</p> : null}
        </div>
        <PlaceField draft={draft} places={hints.places} placesFor={hintsFor} onType={(place) => change({ place, placeCode: null, where: "" })} onPick={pick} onNext={() => next("ph-place")} />
        <div className="ph-field">
          <label htmlFor="ph-category">{t("phone.category")}</label>
          <Select id="ph-category" allowClear showSearch={{ optionFilterProp: "label" }} placeholder={t("phone.category_hint")} options={options}
            value={draft.category ?? guess} onChange={(category: string | undefined) => change({ category: category ?? null })} />
          {hints.category && draft.category === null ? (
            <p className="sw-small sw-quiet" data-testid="phone-guess">
              {t("phone.category_words", { words: hints.category.words.map((word) => t("common.quote", { word })).join(t("common.list")) })}
            </p>
          ) : null}
        </div>
        <div className="ph-two">
          <div className="ph-field">
            <label htmlFor="ph-contact">{t("phone.contact")}<span className="sw-small sw-quiet"> {t("common.optional")}</span></label>
            <Input id="ph-contact" value={draft.contact} inputMode="tel" maxLength={100} data-testid="phone-contact" onChange={(event) => change({ contact: event.target.value })} />
          </div>
          <div className="ph-field">
            <label htmlFor="ph-caller">{t("phone.caller")}<span className="sw-small sw-quiet"> {t("common.optional")}</span></label>
            <Input id="ph-caller" value={draft.caller} maxLength={100} data-testid="phone-caller" onChange={(event) => change({ caller: event.target.value })} />
          </div>
        </div>
        <p className="sw-small sw-quiet">{t("phone.vault")}</p>
        <div className="ph-line">
          <span id="ph-answer">{t("phone.answer_by")}</span>
          <Radio.Group aria-labelledby="ph-answer" value={draft.answerBy} onChange={(event) => change({ answerBy: event.target.value as Draft["answerBy"] })}
            options={ANSWERS.map((value) => ({ value, label: t(`phone.answer.${value}`) }))} />
          <Checkbox className="ph-urgent" checked={draft.urgent} onChange={(event) => change({ urgent: event.target.checked })}>{t("phone.urgent")}</Checkbox>
        </div>
        {error ? <Sentence tone="red"><span data-testid="phone-problem">{problemSentence(t, error)}</span></Sentence> : null}
        <div className="ph-do">
          <Button id="ph-save" type="primary" htmlType="submit" loading={busy} data-testid="phone-save">
            {draft.join ? t("phone.save_join", { number: draft.join.number }) : t("phone.save")}
          </Button>
        </div>
      </form>
      <Known known={hints.known} join={draft.join?.id ?? null} started={Boolean(draft.text.trim() || draft.place.trim())} onJoin={join} />
    </div>
  );
}
