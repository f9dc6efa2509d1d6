import { Button, QRCode } from "antd";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { problemSentence } from "../../api/problem";
import type { Offer } from "../../api/types";
import { Sentence } from "../../shared/Blank";
import "./account.css";

/** The key as a picture and as text, and the code that proves it arrived. */
export function OfferForm({ offer, confirm }: { offer: Offer; confirm: (code: string) => Promise<void> }) {
  const { t } = useTranslation();
  const [code, setCode] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await confirm(code.trim());
    } catch (error) {
      setProblem(problemSentence(t, error));
    }
    setBusy(false);
  }
  return (
    <form className="ac-offer" onSubmit={(event) => void submit(event)}>
      <ol className="ac-steps">
        <li>{t("account.enrol_scan")}</li>
        <li>{t("account.enrol_type")}</li>
      </ol>
      <div className="ac-offer-key">
        <QRCode value={offer.uri} size={144} color="#000" bgColor="#fff" bordered={false} type="svg" />
        <div>
          <p className="sw-small sw-quiet">{t("account.key")}</p>
          <code className="ac-key" data-testid="totp-key">{offer.key}</code>
        </div>
      </div>
      <label className="ac-field">
        {t("account.code")}
        <input className="ac-input sw-num" value={code} inputMode="numeric" autoComplete="one-time-code" spellCheck={false}
          data-testid="enrol-code" onChange={(event) => setCode(event.target.value)} />
      </label>
      {problem ? <Sentence tone="red">{problem}</Sentence> : null}
      <Button type="primary" htmlType="submit" loading={busy} disabled={!code.trim()} data-testid="confirm-enrolment">
        {t("account.enrol_confirm")}
      </Button>
    </form>
  );
}
