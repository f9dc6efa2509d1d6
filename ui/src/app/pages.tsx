import { useMemo, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { CasesIcon, DirectoryIcon, ImportIcon, OverviewIcon } from "./icons";
import { useCan } from "./session";

export interface Page { to: string; label: string; icon: ReactElement }

/** The pages that this viewer has; what they may not open is absent. */
export function usePages(): Page[] {
  const { t } = useTranslation();
  const can = useCan();
  return useMemo(() => {
    const pages: Page[] = [];
    if (can("case.read")) {
      pages.push({ to: "/", label: t("nav.overview"), icon: <OverviewIcon /> });
      pages.push({ to: "/cases?state=open", label: t("nav.cases"), icon: <CasesIcon /> });
    }
    if (can("import.read") || can("import.run"))
      pages.push({ to: "/imports", label: t("nav.imports"), icon: <ImportIcon /> });
    if (can("directory.read"))
      pages.push({ to: "/directory", label: t("nav.directory"), icon: <DirectoryIcon /> });
    return pages;
  }, [t, can]);
}
