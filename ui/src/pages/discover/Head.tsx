import { useTranslation } from "react-i18next";
import { NavLink, useLocation } from "react-router";
import { useCan } from "../../app/session";
import "../cases/cases.css";
import "./discover.css";

/** The pages of the room: findings, and the cameras that bring them. */
export function Head({ children }: { children?: React.ReactNode }) {
  const { t } = useTranslation();
  const can = useCan();
  const { pathname } = useLocation();
  // a camera's own page belongs to the list of them
  const ofCameras = pathname.startsWith("/cameras") && !/\/(new|catalogue)$/.test(pathname);
  return (
    <div className="di-head">
      <nav className="cs-tabs" aria-label={t("discover.title")}>
        {can("camera.watch") ? <NavLink to="/findings" className="sw-tab" data-testid="tab-findings">{t("discover.findings")}</NavLink> : null}
        <NavLink to="/cameras" end className={ofCameras ? "sw-tab active" : "sw-tab"} data-testid="tab-cameras">{t("discover.cameras")}</NavLink>
        {can("camera.set_up") ? <NavLink to="/cameras/new" className="sw-tab" data-testid="tab-new">{t("discover.new")}</NavLink> : null}
        {can("camera.set_up") ? <NavLink to="/cameras/catalogue" className="sw-tab" data-testid="tab-catalogue">{t("discover.catalogue")}</NavLink> : null}
      </nav>
      {children}
    </div>
  );
}
