import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { clear, useDraft } from "./draft";
import type { Looking } from "./params";

/** How many changes wait, and the way to see what they would do. */
export function DraftBar({ look }: { look: (change: Partial<Looking>) => void }) {
  const { t } = useTranslation();
  const { key, items } = useDraft();
  if (items.length === 0) return null;
  return (
    <section className="di-draft" data-testid="draft-bar" aria-label={t("dir.draft.title")}>
      <strong className="sw-num">{t("dir.draft.count", { count: items.length })}</strong>
      <span className="sw-quiet sw-cut">{items.map(({ title }) => title).join(t("common.list"))}</span>
      <Button type="text" onClick={() => clear(key)}>{t("dir.draft.discard")}</Button>
      <Button type="primary" data-testid="draft-review" onClick={() => look({ mode: "review" })}>{t("dir.draft.review")}</Button>
    </section>
  );
}
