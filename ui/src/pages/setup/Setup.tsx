import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { makeAdministrators, setupQuery } from "../../api/accounts";
import { problemSentence } from "../../api/problem";
import type { Administrator } from "../../api/types";
import { usePreference } from "../../app/preferences";
import { Blank, ErrorBlank, Loading, Sentence } from "../../shared/Blank";
import "../signin/signin.css";
import "./setup.css";

const ROLES = ["system_admin", "security_admin", "audit_admin"] as const;
const nobody = (role: Administrator["role"]): Administrator => ({ role, login: "", name: "", password: "" });

/** The first start: three people who watch each other, made once, with the code of the console. */
export default function Setup() {
  const { t } = useTranslation();
  const [language, setLanguage] = usePreference("language");
  const query = useQuery(setupQuery);
  const [done, setDone] = useState(false);
  return (
    <main className="si">
      <div className="si-column se-column">
        <header className="si-head">
          <p className="sw-quiet">{t("app.name")} · {t("app.sub")}</p>
          <h1>{t("account.setup_title")}</h1>
        </header>
        {done ? <Over title={t("account.setup_done")} text={t("account.setup_done_text")} testId="setup-done" />
          : query.isError ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />
          : !query.data ? <Loading rows={6} />
          : query.data.open ? <Three least={query.data.min_characters} onDone={() => setDone(true)} />
          : <Over title={t("account.setup_over")} text={t("account.setup_over_text")} testId="setup-over" />}
        <footer className="si-foot sw-small sw-quiet">
          <span />
          <button type="button" className="sw-plain sw-link" onClick={() => setLanguage(language === "en" ? "zh-CN" : "en")}>
            {t(language === "en" ? "viewer.zh" : "viewer.en")}
          </button>
        </footer>
      </div>
    </main>
  );
}

function Over({ title, text, testId }: { title: string; text: string; testId: string }) {
  const { t } = useTranslation();
  return (
    <Blank title={title} text={text} testId={testId}>
      <Button type="primary" href="/">{t("signin.submit")}</Button>
    </Blank>
  );
}

function Three({ least, onDone }: { least: number; onDone: () => void }) {
  const { t } = useTranslation();
  // The link of the console carries the code behind the hash, which no server gets to see.
  const [code, setCode] = useState(() => window.location.hash.slice(1));
  const [three, setThree] = useState<Administrator[]>(() => ROLES.map(nobody));
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const change = (at: number, part: Partial<Administrator>): void =>
    setThree(three.map((one, index) => (index === at ? { ...one, ...part } : one)));
  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await makeAdministrators(code.trim(), three);
      window.history.replaceState(null, "", "/setup");
      onDone();
    } catch (error) {
      setProblem(problemSentence(t, error));
    }
    setBusy(false);
  }
  const whole = code.trim() && three.every((one) => one.login.trim() && one.name.trim() && one.password);
  return (
    <form className="si-form" data-testid="setup-form" onSubmit={(event) => void submit(event)}>
      <p>{t("account.setup_text")}</p>
      <label>
        {t("account.setup_code")}
        <input className="si-input" value={code} spellCheck={false} autoComplete="off" data-testid="setup-code" onChange={(event) => setCode(event.target.value)} />
      </label>
      {three.map((one, at) => (
        <fieldset key={one.role} className="se-person">
          <legend>{t(`role.${one.role}`)}</legend>
          <p className="sw-small sw-quiet">{t(`account.duty_${one.role}`)}</p>
          <div className="se-fields">
            <label>
              {t("signin.name")}
              <input className="si-input" value={one.name} autoComplete="off" data-testid={`name-${one.role}`} onChange={(event) => change(at, { name: event.target.value })} />
            </label>
            <label>
              {t("signin.account")}
              <input className="si-input" value={one.login} autoComplete="off" autoCapitalize="none" spellCheck={false} data-testid={`login-${one.role}`}
                onChange={(event) => change(at, { login: event.target.value })} />
            </label>
            <label>
              {t("account.first_password")}
              <input className="si-input" type="password" value={one.password} autoComplete="new-password" data-testid={`password-${one.role}`}
                onChange={(event) => change(at, { password: event.target.value })} />
            </label>
          </div>
        </fieldset>
      ))}
      <p className="sw-small sw-quiet">{t("account.password_rules", { least })} {t("account.setup_first")}</p>
      {problem ? <Sentence tone="red">{problem}</Sentence> : null}
      <Button type="primary" htmlType="submit" block loading={busy} disabled={!whole} data-testid="make-administrators">{t("account.setup_make")}</Button>
    </form>
  );
}
