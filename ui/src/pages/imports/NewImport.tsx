import { useQuery } from "@tanstack/react-query";
import { Button, Select } from "antd";
import { useRef, useState, type DragEvent } from "react";
import { useTranslation } from "react-i18next";
import { problemSentence } from "../../api/problem";
import { mappingsQuery, startImport } from "../../api/queries";
import type { Import } from "../../api/types";
import { useMappingTitle } from "./mapping";
import { Sentence } from "../../shared/Blank";

function size(bytes: number): string {
  return bytes > 900_000 ? `${(bytes / 1_048_576).toFixed(1)} MB` : `${Math.max(1, Math.round(bytes / 1024))} KB`;
}

/** What the server's readers know; it looks at the content all the same. */
const FORMATS = ["csv", "xlsx", "jsonl"];

/** Choose a mapping, give a file, start. */
export function NewImport({ onStarted }: { onStarted: (one: Import) => void }) {
  const { t } = useTranslation();
  const mappings = useQuery(mappingsQuery);
  const input = useRef<HTMLInputElement>(null);
  const [picked, setPicked] = useState<string>();
  const [file, setFile] = useState<File | null>(null);
  const [over, setOver] = useState(false);
  const [share, setShare] = useState<number | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const titleOf = useMappingTitle();
  const choices = mappings.data ?? [];
  const mapping = choices.find(({ name }) => name === picked) ?? (choices.length === 1 ? choices[0] : undefined);
  const list = FORMATS.map((format) => format.toUpperCase()).join(t("common.list"));
  const ending = file?.name.split(".").pop()?.toLowerCase() ?? "";
  const wrong = file !== null && !FORMATS.includes(ending);

  function take(files: FileList | null): void {
    const first = files?.[0];
    if (!first) return;
    setProblem(null);
    setFile(first);
  }
  async function start(): Promise<void> {
    if (!file || !mapping) return;
    setProblem(null);
    setShare(0);
    try {
      const started = await startImport(file, mapping.name, setShare);
      setFile(null);
      onStarted(started);
    } catch (error) {
      setProblem(problemSentence(t, error));
    } finally {
      setShare(null);
    }
  }

  if (mappings.data?.length === 0) return <Sentence tone="neutral">{t("imports.no_mappings")}</Sentence>;
  return (
    <section className="im-new sw-panel" aria-label={t("imports.new")}>
      <div className="im-new-line">
        <label htmlFor="mapping">{t("imports.mapping")}</label>
        <div data-testid="import-mapping" className="im-mapping">
          <Select id="mapping" className="im-mapping-select" placeholder={t("imports.mapping_pick")} value={mapping?.name} onChange={setPicked} loading={mappings.isPending}
            showSearch={{ optionFilterProp: "label" }} options={choices.map((one) => ({ value: one.name, label: titleOf(one) }))} />
          {mapping ? <p className="sw-small sw-quiet">{t("imports.columns", { list: mapping.columns.join(t("common.list")) })}</p> : null}
        </div>
      </div>
      <div className="im-new-line">
        <span>{t("imports.file")}</span>
        <div className={`im-drop ${over ? "im-drop-over" : ""}`}
          onDragLeave={() => setOver(false)}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDrop={(event: DragEvent) => {
            event.preventDefault();
            setOver(false);
            take(event.dataTransfer.files);
          }}>
          <button type="button" className="sw-plain" onClick={() => input.current?.click()} disabled={share !== null}>
            {file ? <><span>{file.name}</span> <span className="sw-quiet sw-num">{size(file.size)}</span> <span className="sw-link sw-small">{t("imports.change_file")}</span></> : t("imports.drop")}
            {file ? null : <span className="sw-small sw-quiet"> {t("imports.formats", { list })}</span>}
          </button>
          <input ref={input} type="file" className="sw-hidden" tabIndex={-1} aria-label={t("imports.file")} data-testid="import-file"
            accept={FORMATS.map((format) => `.${format}`).join(",")}
            onChange={(event) => {
              take(event.target.files);
              event.target.value = "";
            }} />
        </div>
      </div>
      {wrong ? <Sentence tone="amber">{t("imports.wrong_format", { ext: ending.toUpperCase(), list })}</Sentence> : null}
      {problem ? <Sentence tone="red">{problem}</Sentence> : null}
      {mappings.error ? <Sentence tone="red">{problemSentence(t, mappings.error)}</Sentence> : null}
      <div className="im-new-line">
        <span />
        <Button type="primary" disabled={!file || !mapping || wrong} loading={share !== null} onClick={() => void start()} data-testid="import-start">
          {share === null ? t("imports.start") : t("imports.uploading", { percent: Math.round(share * 100) })}
        </Button>
      </div>
    </section>
  );
}
