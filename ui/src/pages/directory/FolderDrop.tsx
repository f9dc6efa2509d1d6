import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";

interface Props { file: File | null; busy: boolean; share: number | null; onPick: (file: File) => void }

/** Drop an archive, or choose one. */
export function FolderDrop({ file, busy, share, onPick }: Props) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const take = (files: FileList | null): void => {
    const first = files?.[0];
    if (first) onPick(first);
  };
  const percent = share === null ? null : Math.round(share * 100);
  return (
    <div className={`di-drop ${over ? "di-drop-over" : ""}`}
      onDragLeave={() => setOver(false)}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer.files);
      }}>
      <button type="button" className="sw-plain" disabled={busy} onClick={() => input.current?.click()}>
        {file ? <strong>{file.name}</strong> : t("dir.folder.drop")}{" "}
        <span className="sw-small sw-quiet">
          {busy ? (percent !== null && percent < 100 ? t("imports.uploading", { percent }) : t("dir.folder.reading")) : file ? t("imports.change_file") : t("dir.folder.formats")}
        </span>
      </button>
      <input ref={input} type="file" className="sw-hidden" tabIndex={-1} accept=".zip" aria-label={t("dir.folder.drop")} data-testid="folder-file"
        onChange={(event) => {
          take(event.target.files);
          event.target.value = "";
        }} />
    </div>
  );
}
