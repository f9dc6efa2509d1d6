import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { signHandover, type HandoverRow } from "../../api/duty";
import { Sentence } from "../../shared/Blank";
import { useTimes } from "../../shared/time";
import { useDo } from "./useDo";

/** A hand-over that nobody signed for yet: it is not to be overlooked. */
export function Waiting({ row }: { row: HandoverRow }) {
  const { t } = useTranslation();
  const times = useTimes();
  const take = useDo(() => signHandover(row, "take"));
  return (
    <div className="du-waiting" data-testid="handover-waiting">
      <Sentence tone="amber">
        {t("duty.waiting", { name: row.given_by?.name ?? "", at: times.stamp(row.given_at), count: row.open })}{" "}
        <Link to={`/duty/handovers/${row.id}`} className="sw-link">{t("duty.look")}</Link>
        {row.may_take ? (
          <Button type="primary" size="small" className="du-sign" data-testid="handover-take" loading={take.busy} onClick={() => take.run(undefined)}>
            {t("duty.take")}
          </Button>
        ) : <span className="sw-small sw-quiet"> {t("duty.take_other")}</span>}
      </Sentence>
      {take.refused ? <Sentence tone="red">{take.refused}</Sentence> : null}
    </div>
  );
}
