import { useTranslation } from "react-i18next";
import { Navigate, Outlet, useLocation } from "react-router";
import type { Capability } from "../api/types";
import { Blank } from "../shared/Blank";
import { usePages } from "./pages";
import { useCan } from "./session";

/** A calm page instead of the content for those whose role does not look at it. */
export function Guard({ need }: { need: Capability | Capability[] }) {
  const can = useCan();
  const { t } = useTranslation();
  const wanted = Array.isArray(need) ? need : [need];
  const pages = usePages();
  const { pathname } = useLocation();
  const [home] = pages;
  if (wanted.some(can)) return <Outlet />;
  if (pathname === "/" && home) return <Navigate to={home.to} replace />;
  if (wanted.includes("case.read"))
    return <Blank title={t("noaccess.title")} text={t("noaccess.text")} testId="no-access" />;
  return <Blank title={t("noaccess.page_title")} text={t("noaccess.page_text")} testId="no-access" />;
}
