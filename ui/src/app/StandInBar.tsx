import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useLocation, useNavigate } from "react-router";
import { actFor } from "../api/accounts";
import { changeViewer } from "../api/queries";
import { useSession } from "./session";

/** Act for another (a login), or for oneself again (null): another viewer, another screen. */
export function useActFor(setFailed?: (failed: boolean) => void): (login: string | null) => Promise<void> {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  return async (login) => {
    try {
      const session = await actFor(login);
      changeViewer(client, session);
      if (pathname !== "/") void navigate("/");
    } catch {
      setFailed?.(true);
    }
  };
}

/** For whom one acts, always in sight, and one click back. */
export function StandInBar() {
  const { t } = useTranslation();
  const { stand_in_for } = useSession();
  const back = useActFor();
  if (!stand_in_for) return null;
  return (
    <div className="fr-stand-in sw-small" role="status" data-testid="stand-in">
      <span>{t("account.standing_in", { name: stand_in_for.name })}</span>
      <button type="button" className="sw-plain sw-link" data-testid="stand-in-back" onClick={() => void back(null)}>
        {t("account.stand_in_back")}
      </button>
    </div>
  );
}
