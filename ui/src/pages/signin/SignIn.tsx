import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { lazy, Suspense, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { problemSentence } from "../../api/problem";
import { aboutQuery, changeViewer, isPending, signIn, type WentOn } from "../../api/queries";
import type { Pending } from "../../api/types";
import { takeEnded } from "../../app/session";
import { usePreference } from "../../app/preferences";
import { Sentence } from "../../shared/Blank";
import { DemoAccounts } from "./DemoAccounts";
import "./signin.css";

const NextStep = lazy(() => import("./NextStep"));

export default function SignIn() {
  const { t, i18n } = useTranslation();
  const [language, setLanguage] = usePreference("language");
  const client = useQueryClient();
  const about = useQuery(aboutQuery);
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [show, setShow] = useState(false);
  const [busy, setBusy] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(() => (takeEnded() ? t("signin.ended") : null));

  const [pending, setPending] = useState<Pending | null>(null);

  function goOn(answer: WentOn): void {
    setBusy(null);
    setPassword("");
    if (isPending(answer)) setPending(answer);
    else changeViewer(client, answer);
  }

  function startOver(): void {
    setPending(null);
    setBusy(null);
  }

  async function enter(name: string, secret: string): Promise<void> {
    setBusy(name);
    setProblem(null);
    try {
      goOn(await signIn(name, secret));
    } catch (error) {
      setProblem(problemSentence(t, error));
      setBusy(null);
    }
  }

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (!login.trim() || !password) setProblem(t("signin.empty"));
    else void enter(login.trim(), password);
  }

  const town = about.data?.town;
  const townName = town ? (i18n.language === "en" && town.name_en ? town.name_en : town.name) : null;
  const demo = about.data?.demo ? about.data : null;
  return (
    <main className="si">
      <div className="si-column">
        <header className="si-head">
          <p className="sw-quiet">{t("app.name")} · {t("app.sub")}</p>
          <h1>{townName ?? t("app.sub")}</h1>
        </header>
        {pending ? (
          <Suspense fallback={null}>
            <NextStep key={pending.step} pending={pending} onDone={goOn} onOver={startOver} />
          </Suspense>
        ) : null}
        {pending ? null : <form className="si-form" onSubmit={submit} data-testid="sign-in-form">
          <label>
            {t("signin.login")}
            <input className="si-input" value={login} autoFocus autoComplete="username" autoCapitalize="none" spellCheck={false}
              data-testid="login" onChange={(event) => setLogin(event.target.value)} />
          </label>
          <label>
            {t("signin.password")}
            <input className="si-input" type={show ? "text" : "password"} value={password} autoComplete="current-password"
              data-testid="password" onChange={(event) => setPassword(event.target.value)} />
          </label>
          <label className="si-show sw-small">
            <input type="checkbox" checked={show} onChange={(event) => setShow(event.target.checked)} />
            {t("signin.show")}
          </label>
          {problem ? <Sentence tone="red">{problem}</Sentence> : null}
          {about.data?.setup_open ? <Sentence tone="blue">{t("account.setup_waits")}</Sentence> : null}
          {!problem && about.error ? <Sentence tone="amber">{problemSentence(t, about.error)}</Sentence> : null}
          <Button type="primary" htmlType="submit" block loading={busy !== null} data-testid="sign-in">
            {t("signin.submit")}
          </Button>
        </form>}
        {demo && !pending ? (
          <DemoAccounts accounts={demo.demo_accounts} secondFactorOff={demo.second_factor_off} password={demo.demo_password} busy={busy}
            onPick={(account) => void enter(account.login, demo.demo_password ?? "")} />
        ) : null}
        <footer className="si-foot sw-small sw-quiet">
          {about.data ? <span>{t("signin.version", { version: about.data.version })}</span> : <span />}
          <button type="button" className="sw-plain sw-link" onClick={() => setLanguage(language === "en" ? "zh-CN" : "en")}>
            {t(language === "en" ? "viewer.zh" : "viewer.en")}
          </button>
        </footer>
      </div>
    </main>
  );
}
