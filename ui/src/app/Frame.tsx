import { useTranslation } from "react-i18next";
import { useEffect, useRef } from "react";
import { NavLink, Outlet, useLocation, useNavigate } from "react-router";
import { LiveProvider } from "../live/LiveProvider";
import { useShortcut } from "../shared/keyboard";
import { showChosen } from "../shared/row";
import { HelpDialog } from "./HelpDialog";
import { usePages } from "./pages";
import { useCan } from "./session";
import { TopBar } from "./TopBar";
import "./frame.css";

function Rail() {
  const { t } = useTranslation();
  const pages = usePages();
  const { pathname } = useLocation();
  const rail = useRef<HTMLElement>(null);
  // on a telephone the pages stand in one row, and the one that is open may lie beyond its end
  useEffect(() => showChosen(rail.current, ".active"), [pathname, pages.length]);
  return (
    <nav ref={rail} className="fr-rail" aria-label={t("nav.label")}>
      <div className="fr-mark" aria-hidden="true">{t("app.mark")}</div>
      {pages.map((page) => (
        <NavLink key={page.to} to={page.to} end={page.to === "/"} className="fr-rail-item">
          {page.icon}
          <span>{page.label}</span>
          {page.badge}
        </NavLink>
      ))}
    </nav>
  );
}

/** Rail on the left, bar on top, the page in the rest. */
export function Frame() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const can = useCan();
  useShortcut("alt+n", () => void navigate("/phone"), { always: true, off: !can("signal.register") });
  return (
    <LiveProvider>
      <div className="fr">
        <a className="fr-skip" href="#main">{t("nav.skip")}</a>
        <Rail />
        <TopBar />
        {/* It scrolls, and may hold nothing that takes the focus: keys could not move it (axe: scrollable-region-focusable). */}
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
        <main className="fr-main" id="main" tabIndex={0}>
          <Outlet />
        </main>
        <HelpDialog />
      </div>
    </LiveProvider>
  );
}
