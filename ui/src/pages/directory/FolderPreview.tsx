import { useMutation, useQuery } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { applyFolder, kindsQuery, type Preview } from "../../api/directory";
import { asProblem, problemSentence } from "../../api/problem";
import { useArea } from "../../app/session";
import { Sentence } from "../../shared/Blank";
import { CountTable } from "./CountTable";
import { FieldChanges } from "./FieldChanges";
import { Outcome } from "./Outcome";
import { StaleNote } from "./StaleNote";
import { WhatChanges } from "./WhatChanges";

/** Of the changed records so many are shown field by field; the table above counts all. */
const SHOWN = 50;

interface Props { file: File; preview: Preview; onStale: () => void; onDone: () => void; onAnother: () => void }

/** What an archive would change: counts by kind, mistakes, the first records; then a reason. */
export function FolderPreview({ file, preview, onStale, onDone, onAnother }: Props) {
  const { t } = useTranslation();
  const { area } = useArea();
  const kinds = useQuery(kindsQuery(area.code)).data ?? [];
  const [reason, setReason] = useState("");
  const apply = useMutation({ mutationFn: () => applyFolder(file, reason.trim(), preview.digest), onSuccess: onDone });
  if (apply.data) return <Outcome kinds={kinds} applied={apply.data} onBack={onAnother} />;
  const stale = apply.error !== null && asProblem(apply.error).code === "stale_version";
  const same = preview.counts.length === 0;
  const ready = preview.mistakes.length === 0 && !same && !stale && reason.trim() !== "";
  const shown = preview.effects.slice(0, SHOWN);
  return (
    <div className="di-folder" data-testid="folder-preview">
      {same && preview.mistakes.length === 0 ? <Sentence tone="green">{t("dir.folder.same")}</Sentence> : <CountTable kinds={kinds} counts={preview.counts} />}
      {preview.left_out.length > 0 ? <Sentence tone="neutral">{t("dir.folder.left_out", { list: preview.left_out.join(t("common.list")) })}</Sentence> : null}
      {same ? null : (
        <details className="di-section">
          <summary><h3>{t("dir.folder.records", { count: shown.length })}</h3></summary>
          <ul className="di-effects">
            {shown.map((effect) => {
              const kind = kinds.find((one) => one.kind === effect.kind);
              return (
                <li key={`${effect.kind} ${effect.code}`} className="di-effect" data-op={effect.op}>
                  <div className="di-effect-head">
                    <span className={`di-op di-op-${effect.op} sw-small`}>{t(`dir.op.${effect.op}`)}</span>
                    <strong className="sw-cut">{effect.title}</strong> <span className="sw-small sw-quiet sw-num">{effect.code}</span>
                  </div>
                  {kind && effect.op !== "ended" ? <FieldChanges kind={kind} fields={effect.fields} only={effect.op === "new"} /> : null}
                </li>
              );
            })}
          </ul>
        </details>
      )}
      {preview.mistakes.length > 0 || !same ? <WhatChanges kinds={kinds} preview={preview} /> : null}
      {stale ? <StaleNote problem={asProblem(apply.error)} kinds={kinds} busy={false} onRefresh={onStale} /> : null}
      {apply.error && !stale ? <Sentence tone="red">{problemSentence(t, apply.error)}</Sentence> : null}
      {same ? null : (
        <form className="di-decide" onSubmit={(event) => {
          event.preventDefault();
          if (ready) apply.mutate();
        }}>
          <label htmlFor="folder-reason">{t("dir.review.reason")}</label>
          <Input id="folder-reason" value={reason} maxLength={500} placeholder={t("dir.folder.reason_placeholder")} data-testid="reason" onChange={(event) => setReason(event.target.value)} />
          <Button type="primary" htmlType="submit" disabled={!ready} loading={apply.isPending} data-testid="confirm">{t("dir.folder.apply")}</Button>
        </form>
      )}
    </div>
  );
}
