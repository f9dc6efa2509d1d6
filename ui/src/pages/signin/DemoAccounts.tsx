import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { DemoAccount } from "../../api/types";

/** As a shift would line up, not by letter. */
const ORDER = [
  "duty_officer", "dispatcher", "department_handler", "community_worker", "inspector", "street_commander",
  "district_duty_officer", "data_steward", "system_admin", "security_admin", "audit_admin",
];

function inOrder(accounts: DemoAccount[]): DemoAccount[] {
  return [...accounts].sort((a, b) => ORDER.indexOf(a.role) - ORDER.indexOf(b.role));
}

interface Props { accounts: DemoAccount[]; secondFactorOff: boolean; password: string | null; busy: string | null; onPick: (account: DemoAccount) => void }

/** One of each role bears its name as account: these come first, everybody else on asking. */
const isFirst = (account: DemoAccount) => account.login === account.role;

/** The invented people of the demo; a click on a row signs in. */
export function DemoAccounts({ accounts, secondFactorOff, password, busy, onPick }: Props) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const others = accounts.filter((account) => !isFirst(account)).length;
  return (
    <section className="si-demo">
      <h2>{t("signin.demo_title")}</h2>
      <p className="sw-small sw-quiet">{t("signin.demo_text", { password })}</p>
      {secondFactorOff ? <p className="sw-small sw-quiet" data-testid="factor-off">{t("account.second_factor_off")}</p> : null}
      <table>
        <thead>
          <tr>
            <th scope="col">{t("signin.role")}</th>
            <th scope="col">{t("signin.name")}</th>
            <th scope="col">{t("signin.unit")}</th>
            <th scope="col">{t("signin.account")}</th>
          </tr>
        </thead>
        <tbody>
          {inOrder(all ? accounts : accounts.filter(isFirst)).map((account) => (
            <tr key={account.login} aria-busy={busy === account.login} onClick={() => busy ?? onPick(account)}>
              <td>
                <button type="button" className="sw-plain" disabled={busy !== null} data-testid={`demo-${account.login}`}>
                  {t(`role.${account.role}`, { defaultValue: account.role_name })}
                </button>
              </td>
              <td>{account.name}</td>
              <td className="sw-cut">{account.unit_name}</td>
              <td className="sw-quiet">{account.login}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {others > 0 && !all ? (
        <button type="button" className="sw-plain sw-link sw-small" data-testid="demo-all" onClick={() => setAll(true)}>
          {t("signin.demo_all", { count: others })}
        </button>
      ) : null}
    </section>
  );
}
