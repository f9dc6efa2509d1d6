import { useMemo, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { DeskBadge } from "./DeskBadge";
import { AuditIcon, CallBackIcon, CasesIcon, DeskIcon, DirectoryIcon, DiscoverIcon, DutyIcon, FlowIcon, ImportIcon, NaturesIcon, OrdersIcon, OverviewIcon, PeopleIcon, PhoneIcon, ReportsIcon, ScoresIcon, SystemIcon, VaultIcon, WarnIcon } from "./icons";
import { useCan } from "./session";

export interface Page {
  to: string; label: string; icon: ReactElement;
  /** How much waits there. */
  badge?: ReactElement;
}

/** The pages that this viewer has; what they may not open is absent. */
export function usePages(): Page[] {
  const { t } = useTranslation();
  const can = useCan();
  return useMemo(() => {
    const pages: Page[] = [];
    if (can("case.read")) {
      pages.push({ to: "/", label: t("nav.overview"), icon: <OverviewIcon /> });
      pages.push({ to: "/cases?state=open", label: t("nav.cases"), icon: <CasesIcon /> });
      pages.push({ to: "/orders", label: t("nav.orders"), icon: <OrdersIcon /> });
    }
    if (can("case.correct")) pages.push({ to: "/desk", label: t("nav.desk"), icon: <DeskIcon />, badge: <DeskBadge /> });
    if (can("case.read")) pages.push({ to: "/duty", label: t("nav.duty"), icon: <DutyIcon /> });
    if (can("case.read")) pages.push({ to: "/natures", label: t("nav.natures"), icon: <NaturesIcon /> });
    if (can("camera.watch") || can("camera.set_up"))
      pages.push({ to: can("camera.watch") ? "/findings" : "/cameras", label: t("nav.discover"), icon: <DiscoverIcon /> });
    if (can("warning.read")) pages.push({ to: "/warnings", label: t("nav.warn"), icon: <WarnIcon /> });
    if (can("signal.register")) pages.push({ to: "/phone", label: t("nav.phone"), icon: <PhoneIcon /> });
    if (can("case.verify") || can("order.answer")) pages.push({ to: "/call-backs", label: t("nav.call_backs"), icon: <CallBackIcon /> });
    if (can("score.read")) pages.push({ to: "/scores", label: t("nav.scores"), icon: <ScoresIcon /> });
    if (can("score.read")) pages.push({ to: "/flow", label: t("nav.flow"), icon: <FlowIcon /> });
    if (can("score.read")) pages.push({ to: "/reports", label: t("nav.reports"), icon: <ReportsIcon /> });
    if (can("import.read") || can("import.run"))
      pages.push({ to: "/imports", label: t("nav.imports"), icon: <ImportIcon /> });
    if (can("account.manage") || can("staff.manage") || can("role.grant"))
      pages.push({ to: "/admin/accounts", label: t("account.nav_accounts"), icon: <PeopleIcon /> });
    if (can("audit.read")) pages.push({ to: "/admin/audit", label: t("account.nav_audit"), icon: <AuditIcon /> });
    if (can("directory.read"))
      pages.push({ to: "/directory", label: t("nav.directory"), icon: <DirectoryIcon /> });
    if (can("vault.forget") || can("key.rotate") || can("audit.read"))
      pages.push({ to: "/admin/vault", label: t("nav.vault"), icon: <VaultIcon /> });
    if (can("system.operate")) pages.push({ to: "/admin/system", label: t("nav.system"), icon: <SystemIcon /> });
    return pages;
  }, [t, can]);
}
