import { useRef, useState, type ClipboardEvent, type DragEvent } from "react";
import { useTranslation } from "react-i18next";
import { problemSentence } from "../../api/problem";
import { uploadPhoto } from "../../api/queries";
import type { Taken } from "./whereTaken";

/** A photo on its way up: `id` once the server has it. `taken`: where and when, if anybody asked and was allowed to know. */
export interface Draft { key: string; name: string; preview: string; share: number; id: string | null; problem: string | null; taken: Taken | null }

interface Props {
  drafts: Draft[]; onChange: (change: (before: Draft[]) => Draft[]) => void;
  /** Asked for each photo, where it matters where it was taken. */
  where?: () => Promise<Taken | null>;
}

/** Take, choose, drop or paste photos; each goes up at once and shows itself meanwhile. */
export function PhotoPick({ drafts, onChange, where }: Props) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);

  function add(files: Iterable<File>): void {
    for (const file of files) {
      if (!file.type.startsWith("image/")) continue;
      const key = crypto.getRandomValues(new Uint32Array(2)).join("-");
      const patch = (change: Partial<Draft>): void =>
        onChange((before) => before.map((draft) => (draft.key === key ? { ...draft, ...change } : draft)));
      onChange((before) => [
        ...before,
        { key, name: file.name, preview: URL.createObjectURL(file), share: 0, id: null, problem: null, taken: null },
      ]);
      // the place first: it goes up with the photo
      void (where?.() ?? Promise.resolve(null)).then((taken) => uploadPhoto(file, (share) => patch({ share }), taken ?? undefined).then(
        ({ id }) => patch({ id, share: 1, taken }),
        (error: unknown) => patch({ problem: problemSentence(t, error) }),
      ));
    }
  }
  function remove(draft: Draft): void {
    URL.revokeObjectURL(draft.preview);
    onChange((before) => before.filter(({ key }) => key !== draft.key));
  }
  function drop(event: DragEvent): void {
    event.preventDefault();
    setOver(false);
    add(event.dataTransfer.files);
  }

  return (
    <div className={`ca-pick ${over ? "ca-pick-over" : ""}`} onDrop={drop} onDragLeave={() => setOver(false)}
      onPaste={(event: ClipboardEvent) => add(event.clipboardData.files)}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}>
      {drafts.map((draft) => (
        <figure key={draft.key} className={`ca-draft ${draft.problem ? "ca-draft-bad" : ""}`}>
          <img src={draft.preview} alt={draft.name} />
          {draft.id || draft.problem ? null : <figcaption className="sw-small sw-num">{t("act.photo_uploading", { percent: Math.round(draft.share * 100) })}</figcaption>}
          {draft.problem ? <figcaption className="sw-small" title={draft.problem}>{t("act.photo_failed")}</figcaption> : null}
          <button type="button" className="sw-plain" aria-label={`${t("common.remove")} ${draft.name}`} onClick={() => remove(draft)}>×</button>
        </figure>
      ))}
      <button type="button" className="sw-plain ca-pick-add" onClick={() => input.current?.click()}>
        {t("act.photo_add")}
        <span className="sw-small sw-quiet">{t("act.photo_drop")}</span>
      </button>
      <input ref={input} type="file" accept="image/jpeg,image/png,image/webp" capture="environment" multiple className="sw-hidden" tabIndex={-1}
        aria-label={t("act.photo_add")} data-testid="photo-input"
        onChange={(event) => {
          add(event.target.files ?? []);
          event.target.value = "";
        }} />
      {drafts.filter(({ problem }) => problem).map(({ key, name, problem }) => (
        <p key={key} className="sw-small sw-red ca-pick-problem" role="alert">{name}{t("common.colon")}{problem}</p>
      ))}
    </div>
  );
}
