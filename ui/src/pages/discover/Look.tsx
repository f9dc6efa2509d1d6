import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { askForLook, lookQuery } from "../../api/discover";
import type { LookReason, WatchedCamera } from "../../api/types";
import { Sentence } from "../../shared/Blank";
import { useChange } from "./useChange";

const REASONS: LookReason[] = ["finding", "case", "incident", "zones", "stream", "other"];

/** What the camera shows now, masked, for some seconds; whoever looks says why. */
export function Look({ camera, onPicture }: { camera: WatchedCamera; onPicture: (src: string | null) => void }) {
  const { t } = useTranslation();
  const [reason, setReason] = useState<LookReason | "">("");
  const [note, setNote] = useState("");
  const [id, setId] = useState<string | null>(null);
  const { run, busy, refused } = useChange(() => askForLook(camera.id, reason as LookReason, note), (look) => setId(look.id));
  const look = useQuery({ ...lookQuery(id ?? ""), enabled: id !== null }).data;
  const shown = look?.ready === true && !look.over;
  useEffect(() => onPicture(shown && id ? `/api/v1/looks/${id}/picture` : null), [shown, id, onPicture]);
  if (!camera.on) return null;
  const unsaid = reason === "" || (reason === "other" && note.trim().length < 2);
  return (
    <form className="di-look" data-testid="look"
      onSubmit={(event) => {
        event.preventDefault();
        if (!unsaid && !busy) run(undefined);
      }}>
      <label className="di-field">{t("discover.look_why")}
        <select value={reason} data-testid="look-reason" onChange={(event) => setReason(event.target.value as LookReason | "")}>
          <option value="">{t("discover.choose")}</option>
          {REASONS.map((one) => <option key={one} value={one}>{t(`discover.look.${one}`)}</option>)}
        </select>
      </label>
      {reason === "other" ? <label className="di-field">{t("discover.look_note")}<input value={note} maxLength={200} data-testid="look-note" onChange={(event) => setNote(event.target.value)} /></label> : null}
      <Button size="small" htmlType="submit" disabled={unsaid} loading={busy || (look !== undefined && !look.ready && !look.over)} data-testid="look-ask">{t("discover.look_now")}</Button>
      <span className="sw-small sw-quiet">{look?.over && !shown ? (look.how ? t("discover.look_over") : t("discover.look_none")) : shown ? t(`discover.how.${look.how}`) : t("discover.look_hint")}</span>
      {refused ? <Sentence tone="red">{refused}</Sentence> : null}
    </form>
  );
}
