import { useTranslation } from "react-i18next";
import { Sentence } from "../../shared/Blank";
import "./account.css";

/** Shown once: each opens the account once without the telephone. */
export function RecoveryCodes({ codes }: { codes: string[] }) {
  const { t } = useTranslation();
  return (
    <div className="ac-codes" data-testid="recovery-codes">
      <Sentence tone="amber">{t("account.codes_text")}</Sentence>
      <ul>{codes.map((code) => <li key={code}><code>{code}</code></li>)}</ul>
    </div>
  );
}
