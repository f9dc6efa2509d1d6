import { useQuery } from "@tanstack/react-query";
import { Checkbox, Radio } from "antd";
import type { TFunction } from "i18next";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { checkQuery } from "../../api/verify";
import type { CaseView, CaseCheck } from "../../api/types";
import { Sentence } from "../../shared/Blank";
import type { Times } from "../../shared/time";
import type { Draft } from "./PhotoPick";
import type { DraftStore, Way } from "./draft";
import { awayMetres, farAway } from "./whereTaken";
import "./verify.css";

/** A sentence of why a case is looked at, or need not be. */
function drawnBecause(t: TFunction, draw: NonNullable<CaseCheck["draw"]>): string {
  return t(`check.why.${draw.code}`, { ...draw.params, defaultValue: draw.code });
}

/** How a case was checked last, why it is looked at, what devices see of it. */
export function Check({ view, times }: { view: CaseView; times: Times }) {
  const { t } = useTranslation();
  const { data } = useQuery({ ...checkQuery(view.id), enabled: view.state !== "received" && view.state !== "accepted" });
  if (!data || (!data.draw && !data.way && data.sightings.length === 0)) return null;
  const waits = view.state === "reported";
  return (
    <section className="vf" aria-label={t("check.title")} data-testid="check-panel">
      <h2>{t("check.title")}</h2>
      {data.way && !waits ? (
        <p className={`sw-small ${data.passed ? "" : "sw-amber"}`} data-testid="check-way">
          {t(data.passed ? "check.passed_by" : "check.failed_by", { way: t(`check.way.${data.way}`) })}
          {data.at ? <span className="sw-quiet sw-num"> {times.stamp(data.at)}</span> : null}
        </p>
      ) : null}
      {data.draw && (waits || data.way === "record") ? (
        <p className="sw-small sw-quiet" data-testid="check-draw"><strong>{t(data.draw.drawn ? "check.drawn" : "check.not_drawn")}</strong> {drawnBecause(t, data.draw)}</p>
      ) : null}
      {data.sightings.map((one) => (
        <p key={one.device} className={`sw-small ${one.sees ? "sw-amber" : "sw-quiet"}`} data-testid="sighting">
          {one.sees && one.seen_at ? t(`check.${one.kind}_sees`, { device: one.device, at: times.stamp(one.seen_at) })
            : t(`check.${one.kind}_clear`, { device: one.device, count: one.clear })}
        </p>
      ))}
    </section>
  );
}

interface Props { view: CaseView; result: "pass" | "fail"; draft: DraftStore; tried: boolean }

/** What a check says of itself: how it was made, and what of the conditions for closing is met. */
export function Verify({ view, result, draft, tried }: Props) {
  const { t } = useTranslation();
  const { data, isError } = useQuery(checkQuery(view.id));
  const way: Way = result === "fail" && draft.value.way === "record" ? "site" : draft.value.way;
  const met = new Set(draft.value.met);
  const closings = data?.closings ?? [];
  const complete = closings.length === 0 || closings.some((one) => one.points.every((point) => met.has(point)));
  const short = result === "pass" && way === "site" && !complete;
  const { set } = draft;
  useEffect(() => {
    if (draft.value.short !== short) set({ short });
  }, [short, draft.value.short, set]);
  const ways = (data?.ways ?? ["site"]).filter((one) => result === "pass" || one !== "record");
  const tick = (point: string): void => set({ met: met.has(point) ? draft.value.met.filter((one) => one !== point) : [...draft.value.met, point] });
  return (
    <div className="vf-form" data-testid="verify-form">
      {isError ? <Sentence tone="amber">{t("check.unknown")}</Sentence> : null}
      {data?.draw ? <p className="sw-small" data-testid="verify-draw"><strong>{t(data.draw.drawn ? "check.drawn" : "check.not_drawn")}</strong> <span className="sw-quiet">{drawnBecause(t, data.draw)}</span></p> : null}
      <div className="ca-field" role="group" aria-label={t("check.how")}>
        <span>{t("check.how")}</span>
        <Radio.Group value={way} onChange={(event) => set({ way: event.target.value as Way })} data-testid="verify-way"
          options={ways.map((one) => ({ value: one, label: t(`check.way.${one}`) }))} />
        {way === "site" ? null : <p className="sw-small sw-quiet">{t(`check.hint_${way}`)}</p>}
      </div>
      {result === "pass" && way === "site" && closings.length > 0 ? (
        <div className="ca-field" role="group" aria-label={t("check.closing")} data-testid="closing">
          <span>{t("check.closing")}<span className="sw-small sw-quiet"> {t(closings.length > 1 ? "check.closing_one" : "common.required")}</span></span>
          {closings.map((one) => (
            <fieldset key={one.code} className="vf-points">
              {closings.length > 1 ? <legend className="sw-small sw-quiet">{one.text}</legend> : null}
              {one.points.map((point) => (
                <Checkbox key={point} checked={met.has(point)} onChange={() => tick(point)} data-testid="closing-point">{point}</Checkbox>
              ))}
            </fieldset>
          ))}
          {tried && short ? <p className="sw-small sw-red" role="alert">{t("check.closing_need")}</p> : null}
        </div>
      ) : null}
      {way === "site" && data ? <Places photos={draft.value.photos} check={data} /> : null}
    </div>
  );
}

/** How far from the case's place each photo was taken; far ones are warned of, nobody is stopped. */
function Places({ photos, check }: { photos: Draft[]; check: CaseCheck }) {
  const { t } = useTranslation();
  if (photos.length === 0) return null;
  const known = photos.filter(({ taken }) => taken);
  const away = known.flatMap(({ taken }) => (taken ? [{ metres: awayMetres(check, taken), taken }] : []));
  const far = away.filter((one) => farAway(check, one.taken));
  // of one on its way up nobody knows yet
  const unplaced = photos.filter(({ id, taken }) => id !== null && !taken).length;
  const farthest = Math.max(...away.flatMap(({ metres }) => (metres === null ? [] : [metres])));
  return (
    <div className="sw-small" role="status" data-testid="photo-places">
      {far.length > 0 ? <p className="sw-amber" data-testid="photo-far">{t("check.photo_far", { metres: Math.round(farthest), most: Math.round(check.far_metres) })}</p>
        : Number.isFinite(farthest) ? <p className="sw-quiet" data-testid="photo-near">{t("check.photo_near", { metres: Math.round(farthest) })}</p> : null}
      {unplaced > 0 ? <p className="sw-quiet" data-testid="photo-unplaced">{t("check.photo_unplaced", { count: unplaced })}</p> : null}
    </div>
  );
}
