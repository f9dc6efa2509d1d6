import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { directoryChanged, download, kindsQuery, previewFolder, type Preview } from "../../api/directory";
import { problemSentence } from "../../api/problem";
import { useArea, useCan } from "../../app/session";
import { Sentence } from "../../shared/Blank";
import { FolderDrop } from "./FolderDrop";
import { FolderPreview } from "./FolderPreview";
import { KindRail } from "./KindRail";
import { LeaveGuard } from "./LeaveGuard";
import { saveBlob } from "./save";
import "./directory.css";
import "./record.css";
import "./review.css";

/** The directory as a folder: out as it is, or in from an archive after a look at what would change. */
export default function Folder() {
  const { t } = useTranslation();
  const can = useCan();
  const { area } = useArea();
  const kinds = useQuery(kindsQuery(area.code)).data ?? [];
  return (
    <div className="di di-one" data-open="true">
      <KindRail kinds={kinds} active={null} />
      <div className="di-review">
        <header className="di-review-head">
          <h2>{t("dir.folder.title")}</h2>
          <p className="sw-quiet">{t("dir.folder.text")}</p>
        </header>
        {can("directory.export") ? <Export area={area.code} /> : null}
        {can("directory.write") ? <Load /> : <Sentence tone="neutral">{t("dir.folder.cannot")}</Sentence>}
      </div>
      <LeaveGuard />
    </div>
  );
}

function Export({ area }: { area: string }) {
  const { t } = useTranslation();
  const take = useMutation({
    mutationFn: () => download("export", area),
    onSuccess: (blob) => saveBlob(blob, `${area || "directory"}.zip`),
  });
  return (
    <section className="di-section">
      <h3>{t("dir.folder.export")}</h3>
      <p className="sw-quiet">{t("dir.folder.export_text")}</p>
      <p className="di-do"><Button loading={take.isPending} data-testid="export" onClick={() => take.mutate()}>{t("dir.folder.export_do")}</Button></p>
      {take.error ? <Sentence tone="red">{problemSentence(t, take.error)}</Sentence> : null}
    </section>
  );
}

function Load() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [share, setShare] = useState<number | null>(null);
  const look = useMutation<Preview, unknown, File>({ mutationFn: (one) => previewFolder(one, setShare), onSettled: () => setShare(null) });
  function pick(next: File): void {
    setFile(next);
    look.mutate(next);
  }
  return (
    <section className="di-section">
      <h3>{t("dir.folder.load")}</h3>
      <p className="sw-quiet">{t("dir.folder.load_text")}</p>
      <FolderDrop file={file} busy={look.isPending} share={share} onPick={pick} />
      {look.error ? <Sentence tone="red">{problemSentence(t, look.error)}</Sentence> : null}
      {file && look.data ? (
        <FolderPreview key={look.data.digest} file={file} preview={look.data} onStale={() => look.mutate(file)} onDone={() => void directoryChanged(client)}
          onAnother={() => {
            setFile(null);
            look.reset();
          }} />
      ) : null}
    </section>
  );
}
