import { useTranslation } from "react-i18next";
import type { KnownCase } from "../../api/types";
import { useNow } from "../../shared/clock";
import { StateMark } from "../../shared/StateMark";
import { useTimes } from "../../shared/time";

interface Props { known: KnownCase[]; join: string | null; started: boolean; onJoin: (known: KnownCase) => void }

/** Open cases that may be the same, while somebody types. One is joined by its number with Alt, or by Enter on it. */
export function Known({ known, join, started, onJoin }: Props) {
  const { t } = useTranslation();
  const times = useTimes();
  const now = useNow(30_000);
  return (
    <aside className="ph-known" aria-label={t("phone.known")} aria-live="polite">
      <h2>{t("phone.known")}</h2>
      {known.length === 0 ? <p className="sw-quiet">{t(started ? "phone.known_none" : "phone.known_wait")}</p> : <p className="sw-small sw-quiet">{t("phone.known_hint")}</p>}
      <ol>
        {known.map((one, index) => (
          <li key={one.id}>
            <button type="button" className="sw-plain ph-case" aria-pressed={one.id === join} data-testid="known-case" data-number={one.number} onClick={() => onJoin(one)}>
              <kbd>{index + 1}</kbd>
              <span className="ph-case-text">
                <span className="ph-case-title">{one.title}</span>
                <span className="sw-small sw-quiet ph-case-line">
                  <StateMark state={one.state} />
                  <span className="sw-num">{times.short(one.opened_at, now)}</span>
                  {one.place_text ? <span className="sw-cut">{one.place_text}</span> : null}
                  {one.voices > 1 ? <span className="sw-num">{t("phone.voices", { count: one.voices })}</span> : null}
                </span>
                <span className="sw-small sw-quiet">
                  <span className="sw-num">{one.number}</span>{" · "}
                  {one.why.map((why) => (why === "near" && one.metres !== null ? `${t("phone.why.near")} ${t("phone.metres", { n: one.metres })}` : t(`phone.why.${why}`))).join(t("common.list"))}
                </span>
              </span>
            </button>
          </li>
        ))}
      </ol>
    </aside>
  );
}
