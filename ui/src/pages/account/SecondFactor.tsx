import { useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { accountKeys, confirmSecondFactor, endSecondFactor, offerSecondFactor } from "../../api/accounts";
import { problemSentence } from "../../api/problem";
import type { Account, Offer } from "../../api/types";
import { Sentence } from "../../shared/Blank";
import { useTimes } from "../../shared/time";
import { OfferForm } from "./OfferForm";
import { RecoveryCodes } from "./RecoveryCodes";

/** Set up, renew or give up the second factor; the password is asked for first. */
export function SecondFactor({ account }: { account: Account }) {
  const { t } = useTranslation();
  const times = useTimes();
  const client = useQueryClient();
  const { since, required, off_here, recovery_codes_left } = account.second_factor;
  const [password, setPassword] = useState("");
  const [offer, setOffer] = useState<Offer | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  async function run(work: () => Promise<void>): Promise<void> {
    setProblem(null);
    try {
      await work();
      setPassword("");
      await client.invalidateQueries({ queryKey: accountKeys.account });
    } catch (error) {
      setProblem(problemSentence(t, error));
    }
  }
  return (
    <section className="sw-panel ac-panel" data-testid="second-factor">
      <h2>{t("account.second_factor")}</h2>
      <p className="sw-small sw-quiet">{t("account.second_factor_text")}</p>
      {off_here ? <Sentence tone="blue">{t("account.second_factor_off")}</Sentence> : (
        <>
          <p>
            {since ? t("account.second_factor_since", { at: times.stamp(since), left: recovery_codes_left }) : t("account.second_factor_none")}
            {required ? ` ${t("account.second_factor_required")}` : ""}
          </p>
          {codes ? <RecoveryCodes codes={codes} /> : null}
          {offer ? (
            <OfferForm offer={offer} confirm={async (code) => {
              const done = await confirmSecondFactor(code);
              setCodes(done.recovery_codes);
              setOffer(null);
              await client.invalidateQueries({ queryKey: accountKeys.account });
            }} />
          ) : (
            <div className="ac-form">
              <label className="ac-field">
                {t("account.old_password")}
                <input className="ac-input" type="password" value={password} autoComplete="current-password" data-testid="factor-password"
                  onChange={(event) => setPassword(event.target.value)} />
              </label>
              {problem ? <Sentence tone="red">{problem}</Sentence> : null}
              <div className="ac-line">
                <Button disabled={!password} data-testid="set-up-factor" onClick={() => void run(async () => {
                  setCodes(null);
                  setOffer(await offerSecondFactor(password));
                })}>
                  {t(since ? "account.factor_renew" : "account.factor_set_up")}
                </Button>
                {since && !required ? (
                  <Button disabled={!password} data-testid="end-factor" onClick={() => void run(async () => {
                    await endSecondFactor(password);
                  })}>
                    {t("account.factor_end")}
                  </Button>
                ) : null}
              </div>
            </div>
          )}
        </>
      )}
    </section>
  );
}
