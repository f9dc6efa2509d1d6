import { Button } from "antd";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import type { DirectoryRecord, Kind } from "../../api/directory";
import { useArea } from "../../app/session";
import { Sentence } from "../../shared/Blank";
import { useShortcut } from "../../shared/keyboard";
import { sightOf } from "../../map/wedge";
import { useTimes } from "../../shared/time";
import { drop, put, useDraft, type DraftItem } from "./draft";
import { Facts } from "./Facts";
import { History } from "./History";
import { kindName, titleOf } from "./kinds";
import type { Looking } from "./params";
import { References } from "./References";

const RecordMap = lazy(() => import("./map/RecordMap"));

interface Props {
  kinds: Kind[]; kind: Kind; record: DirectoryRecord; item: DraftItem | undefined; look: (change: Partial<Looking>, replace?: boolean) => void;
}

/** One record: what it holds, where it lies, what refers to it, what became of it. */
export function Record({ kinds, kind, record, item, look }: Props) {
  const { t, i18n } = useTranslation();
  const times = useTimes();
  const { area } = useArea();
  const { key } = useDraft();
  const title = titleOf(record, i18n.language);
  const ended = record.ended_at !== null;
  const { lon, lat, geometry } = record.values as { lon?: number | null; lat?: number | null; geometry?: object | null };
  const point = typeof lon === "number" && typeof lat === "number" ? { lon, lat } : null;
  const edit = (): void => look({ mode: "edit" });
  const decide = (op: "put" | "end"): void => {
    put(key, { kind: kind.kind, code: record.code, op, values: {}, version: record.version, title });
    look({ mode: "review" });
  };
  useShortcut("e", edit, { off: !kind.writable || ended });
  return (
    <article data-testid="record" data-code={record.code} aria-labelledby="record-title">
      <header className="di-panel-head">
        <div className="di-panel-title">
          <span className="sw-small sw-quiet">{kindName(kind, i18n.language)} <span className="sw-num">{record.code}</span></span>
          <h2 id="record-title" className={ended ? "di-was" : undefined}>{title}</h2>
        </div>
        {kind.writable ? (
          <div className="di-panel-do">
            {ended ? <Button data-testid="revive" onClick={() => decide("put")}>{t("dir.revive")}</Button> : (
              <>
                <Button type="text" data-testid="end" onClick={() => decide("end")}>{t("dir.end")}</Button>
                <Button type="primary" data-testid="edit" title={t("dir.edit_key")} onClick={edit}>{t("dir.edit")}</Button>
              </>
            )}
          </div>
        ) : null}
        <Button type="text" className="di-close" aria-label={t("common.close")} title={`${t("common.close")} (Esc)`} onClick={() => look({ code: null, mode: null })}>×</Button>
      </header>
      {ended ? <Sentence tone="neutral">{t("dir.ended_at", { at: times.stamp(record.ended_at ?? "") })}</Sentence> : null}
      {item ? (
        <Sentence tone="blue">
          <span>{t(item.op === "end" ? "dir.draft.will_end" : "dir.draft.will_change")}</span>
          <button type="button" className="sw-plain sw-link" onClick={() => look({ mode: "review" })}>{t("dir.draft.review")}</button>
          <button type="button" className="sw-plain sw-link" onClick={() => drop(key, item.id)}>{t("dir.draft.drop")}</button>
        </Sentence>
      ) : null}
      <Facts kinds={kinds} kind={kind} values={record.values} />
      {point || geometry ? (
        <Suspense fallback={<div className="di-map" />}>
          <RecordMap area={area.code} point={point} geometry={geometry ?? null} sight={sightOf(record.values)} />
        </Suspense>
      ) : null}
      <References kind={kind.kind} code={record.code} />
      <History kind={kind} code={record.code} />
    </article>
  );
}
