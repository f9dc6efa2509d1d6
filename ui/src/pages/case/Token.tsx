import { useMutation } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { problemSentence } from "../../api/problem";
import { reveal } from "../../api/queries";
import type { PersonalField } from "../../api/types";
import { copyText } from "../../shared/copy";
import { usePersonal } from "./Personal";

/** How long a value stays on the screen (seconds). */
const SHOWN_SECONDS = 60;

/** Distance to the window's edge below which the question opens to the other side (pixels). */
const EDGE = 64;

interface Props { item: string; field: PersonalField }

/** A masked value that can be shown: what for, then the value for a minute, and a note that it was recorded. */
export function Token({ item, field }: Props) {
  const { t } = useTranslation();
  const personal = usePersonal();
  const [asking, setAsking] = useState(false);
  const [value, setValue] = useState<string | null>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const kind = t(`mask.${field.kind}`, { defaultValue: field.kind });

  function close(): void {
    setAsking(false);
    opener.current?.focus({ preventScroll: true });
  }
  if (value !== null) return <Shown kind={field.kind} value={value} onGone={() => setValue(null)} />;
  if (field.grade === "L4" && !personal?.restricted)
    return <mark className="ca-mask" title={t("vault.restricted")}>{kind}</mark>;
  return (
    <span className="ca-token">
      <button ref={opener} type="button" className="sw-plain ca-mask ca-mask-open" aria-expanded={asking} aria-haspopup="dialog"
        data-testid={`reveal-${field.kind}`} title={t("vault.show_hint")} onClick={() => setAsking(!asking)}>
        {t("vault.show", { kind })}
      </button>
      {asking ? <Ask item={item} field={field} kind={kind} onClose={close} onValue={(shown) => {
        setAsking(false);
        setValue(shown);
      }} /> : null}
    </span>
  );
}

interface AskProps extends Props { kind: string; onClose: () => void; onValue: (value: string) => void }

function Ask({ item, field, kind, onClose, onValue }: AskProps) {
  const { t, i18n } = useTranslation();
  const personal = usePersonal();
  const purposes = personal?.purposes ?? [];
  const [code, setCode] = useState(personal?.purpose ?? purposes[0]?.code ?? "");
  const [reason, setReason] = useState("");
  const name = useId();
  const box = useRef<HTMLFormElement>(null);
  const needsReason = purposes.find((one) => one.code === code)?.needs_reason ?? false;
  const lacks = needsReason && reason.trim().length < 2;
  const ask = useMutation({
    mutationFn: () => reveal(item, field.n, { purpose: code, reason: needsReason ? reason : null }),
    gcTime: 0,
    onSuccess: ({ value }) => {
      personal?.remember(code);
      onValue(value);
    },
  });
  const [side, setSide] = useState("");
  useLayoutEffect(() => {
    // it opens to where there is room
    const place = box.current?.getBoundingClientRect();
    if (!place) return;
    const end = place.right > window.innerWidth - EDGE ? " ca-ask-end" : "";
    const up = place.bottom > window.innerHeight - EDGE && place.top > place.height + EDGE ? " ca-ask-up" : "";
    setSide(end + up);
  }, []);
  useEffect(() => {
    box.current?.querySelector<HTMLElement>("input:checked")?.focus({ preventScroll: true });
    const outside = (event: PointerEvent): void => {
      if (!box.current?.parentElement?.contains(event.target as Node)) onClose();
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once, when it opens
  }, []);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- keys bubble up from its fields
    <form ref={box} className={`ca-ask${side}`} role="dialog" aria-label={t("vault.ask", { kind })} data-testid="reveal-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!lacks && !ask.isPending) ask.mutate();
      }}
      onKeyDown={(event) => {
        // j, k and the like are the page's; here letters belong to the reason
        event.stopPropagation();
        if (event.key === "Escape") onClose();
      }}>
      <p>{t("vault.ask", { kind })}</p>
      {purposes.map((one) => (
        <label key={one.code} className="ca-ask-line">
          <input type="radio" name={name} value={one.code} checked={one.code === code} data-testid={`purpose-${one.code}`}
            onChange={() => setCode(one.code)}
            onKeyDown={(event) => {
              // a radio does not send its form by itself
              if (event.key === "Enter") box.current?.requestSubmit();
            }} />
          {i18n.language.startsWith("zh") ? one.name : one.name_en}
        </label>
      ))}
      {needsReason ? (
        <Input size="small" value={reason} maxLength={200} placeholder={t("vault.reason")} aria-label={t("vault.reason")} data-testid="reveal-reason"
          onChange={(event) => setReason(event.target.value)} />
      ) : null}
      {ask.error ? <p className="sw-small sw-red" role="alert" data-testid="reveal-problem">{problemSentence(t, ask.error)}</p> : null}
      <div className="ca-ask-do">
        <Button size="small" type="primary" htmlType="submit" disabled={lacks} loading={ask.isPending} data-testid="reveal-submit">{t("vault.do_show")}</Button>
        <span className="sw-small sw-quiet">{t("vault.will_record")}</span>
      </div>
    </form>
  );
}

function Shown({ kind, value, onGone }: { kind: string; value: string; onGone: () => void }) {
  const { t } = useTranslation();
  const [left, setLeft] = useState(SHOWN_SECONDS);
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    const timer = window.setInterval(() => setLeft((before) => before - 1), 1000);
    return () => window.clearInterval(timer);
  }, []);
  useEffect(() => {
    if (left <= 0) onGone();
  }, [left, onGone]);
  return (
    <span className={`ca-shown${kind === "original" ? " ca-shown-whole" : ""}`} role="status" data-testid={`shown-${kind}`}>
      <span className="ca-shown-value sw-num">{value}</span>
      <button type="button" className="sw-plain sw-link sw-small" data-testid="copy-value"
        onClick={() => void copyText(value).then(setCopied)}>
        {t(copied ? "vault.copied" : "vault.copy")}
      </button>
      <span className="sw-small sw-quiet sw-num">{t("vault.recorded", { left })}</span>
    </span>
  );
}
