import { Button, Input } from "antd";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { ActionOffer, CaseView } from "../../api/types";
import { Fields } from "./Fields";
import { PhotoPick } from "./PhotoPick";
import { UnitPick } from "./UnitPick";
import { Verify } from "./Verify";
import { missing, offerKey, type DraftStore } from "./draft";
import { whereTaken } from "./whereTaken";

interface Props {
  view: CaseView; offer: ActionOffer; result: "pass" | "fail" | null; draft: DraftStore; busy: boolean; tried: boolean;
  onSubmit: () => void; onCancel: () => void;
}

/** What an action needs, in place, above the bar. Ctrl-Enter sends. */
export function ActionForm({ view, offer, result, draft, busy, tried, onSubmit, onCancel }: Props) {
  const { t } = useTranslation();
  const key = offerKey(offer.action, result);
  const asks = (what: string): boolean => offer.needs.includes(what) || offer.takes.includes(what);
  const lacks = missing(offer, draft.value);
  const box = useRef<HTMLFormElement>(null);
  const showNote = asks("note");
  useEffect(() => {
    box.current?.querySelector<HTMLElement>("textarea, input:not([type=file])")?.focus({ preventScroll: true });
  }, [key]);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- keys bubble up from its fields
    <form ref={box} className="ca-form" data-testid={`form-${key}`}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
          event.preventDefault();
          onSubmit();
        } else if (event.key === "Escape" && !event.defaultPrevented) {
          event.preventDefault();
          event.stopPropagation();
          onCancel();
        }
      }}>
      {asks("unit") ? <UnitPick offer={offer} draft={draft} problem={tried && lacks.includes("unit")} /> : null}
      {asks("way") && result ? <Verify view={view} result={result} draft={draft} tried={tried} /> : null}
      <Fields offer={offer} draft={draft} lacks={tried ? lacks : []} />
      {showNote ? (
        <div className="ca-field">
          <label htmlFor="note">
            {t(`act.note_${key}`, { defaultValue: t("act.note") })}
            <span className="sw-small sw-quiet"> {t(offer.needs.includes("note") ? "common.required" : "common.optional")}</span>
          </label>
          <Input.TextArea id="note" value={draft.value.note} autoSize={{ minRows: 2, maxRows: 6 }} maxLength={2000} data-testid="note-input"
            placeholder={t(`act.note_placeholder_${key}`, { defaultValue: "" })} status={tried && lacks.includes("note") ? "error" : undefined}
            onChange={(event) => draft.set({ note: event.target.value })} />
          {tried && lacks.includes("note") ? <p className="sw-small sw-red" role="alert">{t("act.need_note")}</p> : null}
        </div>
      ) : null}
      {asks("photos") ? (
        <div className="ca-field">
          <span>
            {t("act.photo")}
            <span className="sw-small sw-quiet"> {t(offer.needs.includes("photos") ? "common.required" : "common.optional")}</span>
          </span>
          <PhotoPick drafts={draft.value.photos} onChange={draft.setPhotos} where={asks("way") && draft.value.way === "site" ? whereTaken : undefined} />
          {tried && lacks.includes("photos") ? <p className="sw-small sw-red" role="alert">{t("act.photo_need")}</p> : null}
          {tried && lacks.includes("upload") ? <p className="sw-small sw-amber" role="alert">{t("act.photo_wait")}</p> : null}
        </div>
      ) : null}
      <div className="ca-form-do">
        <Button type="primary" htmlType="submit" danger={false} loading={busy} data-testid="submit-action">
          {t(`action.submit_${key}`)}
        </Button>
        <Button onClick={onCancel} disabled={busy}>{t("common.cancel")}</Button>
      </div>
    </form>
  );
}
