import { Button } from "antd";
import { useTranslation } from "react-i18next";
import type { Applied, EffectCount, Kind } from "../../api/directory";
import { Blank } from "../../shared/Blank";
import { kindName } from "./kinds";

/** "Places: 2 changed, 1 new." */
export function useCountWords(kinds: Kind[]): (counts: readonly EffectCount[]) => string[] {
  const { t, i18n } = useTranslation();
  return (counts) => counts.map(({ kind, op, count }) => {
    const known = kinds.find((one) => one.kind === kind);
    return t(`dir.counted.${op}`, { kind: known ? kindName(known, i18n.language) : kind, count });
  });
}

export function Outcome({ kinds, applied, onBack }: { kinds: Kind[]; applied: Applied; onBack: () => void }) {
  const { t } = useTranslation();
  const words = useCountWords(kinds)(applied.counts);
  return (
    <section className="di-review" data-testid="applied">
      <Blank title={t("dir.review.done")} text={words.join(t("dir.semicolon")) || t("dir.review.nothing")}>
        <Button type="primary" data-testid="applied-back" onClick={onBack}>{t("dir.review.back")}</Button>
      </Blank>
    </section>
  );
}
