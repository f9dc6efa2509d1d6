import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Registered } from "../../api/types";

/** The number to be said to the caller; Enter takes the next call. */
export function Done({ done, onNext }: { done: Registered; onNext: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="ph-done" role="status" data-testid="phone-done" data-joined={done.joined}>
      <p className="sw-green">{t(done.joined ? "phone.joined" : "phone.opened")}</p>
      <p className="sw-quiet">{t("phone.tell")}</p>
      <p className="ph-number sw-num" data-testid="phone-number">{done.number}</p>
      {done.visible ? null : <p className="sw-small sw-quiet">{t("phone.not_visible")}</p>}
      <div className="ph-do">
        <Button type="primary" autoFocus onClick={onNext} data-testid="phone-next">{t("phone.next")}</Button>
        {done.visible ? <Link to={`/cases/${done.case_id}`} className="sw-link">{t("phone.open")}</Link> : null}
      </div>
    </div>
  );
}
