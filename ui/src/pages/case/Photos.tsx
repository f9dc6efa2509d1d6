import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Photo } from "../../api/types";
import type { Times } from "../../shared/time";

/** What is shown of a photo; `words`: what it is, where that is more than its time. */
export type Shown = Pick<Photo, "id" | "url" | "width" | "height" | "at" | "away_metres" | "far"> & { words?: string };

/** Thumbnails of one height; a click shows one large, arrow keys walk, Escape closes. */
export function Photos({ photos, times }: { photos: Shown[]; times: Times }) {
  const { t } = useTranslation();
  const dialog = useRef<HTMLDialogElement>(null);
  const [at, setAt] = useState(0);
  const shown = photos[at];
  const told = (photo: Shown): string => [photo.words, t("case.photo_at", { at: times.stamp(photo.at) })].filter(Boolean).join(" · ");
  const step = (by: number): void => setAt((photos.length + at + by) % photos.length);
  return (
    <div className="ca-photos">
      {photos.map((photo, index) => (
        <button key={photo.id} type="button" className="sw-plain ca-photo" style={{ aspectRatio: `${photo.width || 4} / ${photo.height || 3}` }}
          onClick={() => {
            setAt(index);
            dialog.current?.showModal();
          }}>
          <img src={photo.url} alt={told(photo)} loading="lazy" />
          {photo.words ? <span className="ca-away sw-small">{photo.words}</span> : null}
          {photo.away_metres === null ? null : (
            <span className={`ca-away sw-small sw-num ${photo.far ? "ca-far" : ""}`} data-testid="photo-away">{t("check.away", { metres: photo.away_metres })}</span>
          )}
        </button>
      ))}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- a dialog takes the keys */}
      <dialog ref={dialog} className="ca-large" aria-label={t("case.photo")} onClick={() => dialog.current?.close()}
        onKeyDown={(event) => {
          if (event.key === "ArrowRight") step(1);
          if (event.key === "ArrowLeft") step(-1);
        }}>
        {shown ? (
          <>
            <img src={shown.url} alt={told(shown)} />
            <p className="sw-small sw-num">{shown.words ? `${shown.words} · ` : ""}{times.stamp(shown.at)}{photos.length > 1 ? ` · ${at + 1} / ${photos.length}` : ""}</p>
          </>
        ) : null}
      </dialog>
    </div>
  );
}
