import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { speedBriefQuery } from "../../api/flow";
import { useCan } from "../../app/session";

/** One line of the overview: quicker or slower than the frozen period. Nothing where none is frozen. */
export function FasterTile({ area }: { area: string }) {
  const { t } = useTranslation();
  const may = useCan()("score.read");
  const { data } = useQuery({ ...speedBriefQuery(area), enabled: may });
  const found = data?.total?.ratio;
  if (!found) return null;
  const { ratio, low, high } = found;
  const n = Math.round(Math.abs(1 - ratio) * 100);
  const how = high !== null && high < 1 ? "quicker" : low > 1 ? "slower" : "same";
  const interval = t("overview.faster.interval", { low: low.toFixed(2), high: high?.toFixed(2) ?? "∞" });
  return (
    <Link className="ov-counter" to="/speed" data-testid="faster" title={interval}>
      <span className="ov-counter-name sw-small">{t("overview.faster.name")}</span>
      <span />
      <span className="ov-counter-value">{t(`overview.faster.${how}`, { n })}</span>
      <span className="ov-spark sw-small sw-quiet">{interval}</span>
    </Link>
  );
}
