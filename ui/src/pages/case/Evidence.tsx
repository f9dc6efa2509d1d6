import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { evidenceQuery, evidenceUrl } from "../../api/discover";
import type { CaseView, Evidence as Seen } from "../../api/types";
import type { Times } from "../../shared/time";
import { Photos, type Shown } from "./Photos";

/** Sources of devices; a camera's are among them (gather/detections.py). */
const CAMERA = "device-camera";

/** What cameras saw of a case, masked: before, during, after. Nothing where no camera saw any. */
export function Evidence({ view, times }: { view: CaseView; times: Times }) {
  const { t, i18n } = useTranslation();
  const query = useQuery({ ...evidenceQuery(view.id), enabled: view.signals.some((signal) => signal.source.code.startsWith(CAMERA)) });
  const seen = query.data?.items.filter((one) => one.pictures.length > 0) ?? [];
  const words = (one: Seen): string =>
    [
      one.camera, one.zone, i18n.language === "en" ? one.scene_name_en : one.scene_name, t("discover.from", { at: times.stamp(one.opened_at) }),
      one.cleared_at ? t("discover.until", { at: times.stamp(one.cleared_at) }) : t("discover.is_open"),
    ].join(" · ");
  return (
    <>
      {seen.map((one) => (
        <figure key={one.id} className="ca-evidence" data-testid="evidence">
          <Photos times={times} photos={one.pictures.map((picture): Shown => ({
            ...picture, id: `${one.id}-${picture.moment}`, url: evidenceUrl(view.id, one.id, picture.moment), words: t(`discover.moment.${picture.moment}`), away_metres: null, far: false,
          }))} />
          <figcaption className="sw-small sw-quiet sw-num">{words(one)} · {t(`discover.how.${one.pictures[0]?.how}`)}</figcaption>
        </figure>
      ))}
    </>
  );
}
