import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { SetUpBody, WatchedCamera } from "../../api/types";
import { directoryQuery } from "../../api/queries";
import { useArea } from "../../app/session";
import { Sentence } from "../../shared/Blank";
import { atZone } from "../admin/zone";

const KINDS = ["rtsp", "snapshot", "push", "file", "platform"] as const;

interface Props {
  camera?: WatchedCamera; busy: boolean; refused: string | null; children?: ReactNode;
  onSave: (body: SetUpBody) => void; onCancel?: () => void;
}

/** The day, in the area's zone, of an instant; for a date field. */
const dayOf = (at: string | null | undefined, zone: string): string =>
  at ? new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(new Date(at)) : "";

/** What a camera is watched by and who answers for it. An address that is there stays unless another is typed. */
export function SetUpForm({ camera, busy, refused, children, onSave, onCancel }: Props) {
  const { t, i18n } = useTranslation();
  const { area } = useArea();
  const units = useQuery(directoryQuery(area.code)).data?.units ?? [];
  const [kind, setKind] = useState<(typeof KINDS)[number]>(camera?.kind ?? "rtsp");
  const [text, setText] = useState({
    address: "", fingerprint: camera?.fingerprint ?? "", channel: camera?.channel ?? "", gateway: camera?.gateway?.name ?? "", streams: camera?.gateway ? String(camera.gateway.streams_max) : "",
    owner: camera?.owner_code ?? "", purpose: camera?.purpose ?? "", approval: camera?.approval ?? "", until: dayOf(camera?.approved_until, area.timezone),
  });
  const field = (name: keyof typeof text, more: Record<string, string | number> = {}) => (
    <label className="di-field">{t(`discover.field.${name}`)}
      <input value={text[name]} maxLength={200} autoComplete="off" data-testid={`set-up-${name}`} {...more} onChange={(event) => setText({ ...text, [name]: event.target.value })} />
    </label>
  );
  const said = (value: string): string | null => value.trim() || null;
  return (
    <form className="di-form" data-testid="set-up"
      onSubmit={(event) => {
        event.preventDefault();
        if (busy) return;
        onSave({
          kind, address: said(text.address), fingerprint: said(text.fingerprint), channel: said(text.channel), gateway: said(text.gateway), streams_max: text.streams ? Number(text.streams) : null,
          owner: said(text.owner), purpose: said(text.purpose), approval: said(text.approval),
          approved_until: text.until ? atZone(`${text.until}T23:59:59`, area.timezone) : null,
        });
      }}>
      {children}
      <p className="sw-small sw-quiet">{t("discover.answers_hint")}</p>
      <label className="di-field">{t("discover.owner")}
        <select value={text.owner} data-testid="set-up-owner" onChange={(event) => setText({ ...text, owner: event.target.value })}>
          <option value="">{t("discover.choose")}</option>
          {units.map((unit) => <option key={unit.code} value={unit.code}>{i18n.language === "en" && unit.name_en ? unit.name_en : unit.name}</option>)}
        </select>
      </label>
      {field("purpose")}
      {field("approval")}
      {field("until", { type: "date" })}
      <label className="di-field">{t("discover.kind")}
        <select value={kind} onChange={(event) => setKind(event.target.value as (typeof KINDS)[number])}>
          {KINDS.map((one) => <option key={one} value={one}>{t(`discover.kinds.${one}`)}</option>)}
        </select>
      </label>
      {kind === "push" ? null : field("address", { maxLength: 2000, placeholder: camera?.has_address ? t("discover.address_stays") : "rtsp://  rtsps://" })}
      {/^(rtsp|http)s:/i.test(text.address.trim()) || text.fingerprint || (camera?.has_address && kind !== "push" && kind !== "file") ? <>{field("fingerprint", { placeholder: "SHA-256" })}<p className="sw-small sw-quiet">{t("discover.fingerprint_hint")}</p></> : null}
      {field("channel")}
      {field("gateway", { maxLength: 60 })}
      {text.gateway.trim() ? field("streams", { type: "number", min: 1, max: 10_000 }) : null}
      {refused ? <Sentence tone="red">{refused}</Sentence> : null}
      <div className="di-buttons">
        <Button type="primary" size="small" htmlType="submit" loading={busy} data-testid="set-up-save">{t("discover.save")}</Button>
        {onCancel ? <Button size="small" onClick={onCancel}>{t("common.cancel")}</Button> : null}
      </div>
    </form>
  );
}
