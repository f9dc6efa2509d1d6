import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { changeViewer, signOut } from "../api/queries";
import { TickIcon } from "./icons";
import { Menu, MenuItem } from "./Menu";
import { usePreference } from "./preferences";
import { useActFor } from "./StandInBar";
import { useSession } from "./session";

/** Who is looking, and their appearance, language and way out. */
export function ViewerMenu() {
  const { t } = useTranslation();
  const { staff, unit, roles, stand_in_for, stand_ins } = useSession();
  const [theme, setTheme] = usePreference("theme");
  const [language, setLanguage] = usePreference("language");
  const client = useQueryClient();
  const [failed, setFailed] = useState(false);
  const actFor = useActFor(setFailed);

  async function leave(): Promise<void> {
    setFailed(false);
    try {
      await signOut();
      changeViewer(client, null);
    } catch {
      setFailed(true);
    }
  }

  const label = (
    <span className="fr-viewer">
      <span className="fr-viewer-name">{staff.name}</span>
      <span className="fr-viewer-unit sw-small sw-quiet sw-cut">{unit.name}</span>
    </span>
  );
  return (
    <Menu label={label} title={t("top.menu")} testId="viewer-menu">
      {(close) => (
        <>
          <div className="fr-menu-head">
            <div>{staff.name}</div>
            <div className="sw-small sw-quiet">{unit.name}</div>
            <div className="sw-small sw-quiet">{roles.map((role) => t(`role.${role}`, { defaultValue: role })).join(" · ")}</div>
          </div>
          <div className="fr-menu-title">{t("viewer.theme")}</div>
          {(["light", "dark", "system"] as const).map((one) => (
            <MenuItem key={one} on={theme === one} onPick={() => setTheme(one)} testId={`theme-${one}`}>
              {t(`viewer.${one}`)}
              {theme === one ? <TickIcon /> : null}
            </MenuItem>
          ))}
          <div className="fr-menu-title">{t("viewer.language")}</div>
          {(["zh-CN", "en"] as const).map((one) => (
            <MenuItem key={one} on={language === one} onPick={() => setLanguage(one)} testId={`language-${one}`}>
              {t(one === "en" ? "viewer.en" : "viewer.zh")}
              {language === one ? <TickIcon /> : null}
            </MenuItem>
          ))}
          {stand_in_for === null && stand_ins.length > 0 ? (
            <>
              <div className="fr-menu-title">{t("account.act_for")}</div>
              {stand_ins.map((one) => (
                <MenuItem key={one.login} onPick={() => {
                  close();
                  void actFor(one.login);
                }} testId={`act-for-${one.login}`}>
                  {one.name} · {one.unit_name}
                </MenuItem>
              ))}
            </>
          ) : null}
          <div className="fr-menu-rule" />
          <Link to="/account" className="fr-menu-item" data-testid="my-account" onClick={close}>{t("account.title")}</Link>
          <MenuItem onPick={() => void leave()} testId="sign-out">{t("viewer.sign_out")}</MenuItem>
          {failed ? <p className="fr-menu-head sw-small sw-red">{t("viewer.signed_out_offline")}</p> : null}
        </>
      )}
    </Menu>
  );
}
