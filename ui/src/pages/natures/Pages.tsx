import { Button } from "antd";
import { useTranslation } from "react-i18next";

/** Which page of a list, and the way to the next. */
export function Pages({ offset, size, count, onGo }: { offset: number; size: number; count: number; onGo: (offset: number) => void }) {
  const { t } = useTranslation();
  if (count <= size) return null;
  return (
    <p className="na-pages sw-small">
      <Button size="small" disabled={offset === 0} onClick={() => onGo(Math.max(0, offset - size))}>{t("hazard.prev")}</Button>
      <span className="sw-num sw-quiet">{t("hazard.page", { from: offset + 1, to: Math.min(count, offset + size), count })}</span>
      <Button size="small" disabled={offset + size >= count} onClick={() => onGo(offset + size)}>{t("hazard.next")}</Button>
    </p>
  );
}
