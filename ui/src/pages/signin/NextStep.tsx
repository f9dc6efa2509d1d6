import { Button } from "antd";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { giveCode, giveNewPassword } from "../../api/accounts";
import { asProblem, problemSentence } from "../../api/problem";
import type { WentOn } from "../../api/queries";
import type { Pending } from "../../api/types";
import { Sentence } from "../../shared/Blank";
import { Enrolment } from "./Enrolment";

interface Props { pending: Pending; onDone: (answer: WentOn) => void; onOver: () => void }

/** After the password: a code, a new password, or a second factor to be set up. */
export default function NextStep({ pending, onDone, onOver }: Props) {
  const { t } = useTranslation();
  return (
    <section className="si-form" data-testid={`step-${pending.step}`}>
      <h2>{t(`account.step_${pending.step}`)}</h2>
      <p className="sw-small sw-quiet">{pending.name} · {pending.login}</p>
      {pending.step === "second_factor" ? <CodeStep onDone={onDone} onOver={onOver} />
        : pending.step === "password" ? <PasswordStep least={pending.min_characters} onDone={onDone} onOver={onOver} />
        : <Enrolment onDone={onDone} onOver={onOver} />}
      <button type="button" className="sw-plain sw-link sw-small" onClick={onOver}>{t("account.other_login")}</button>
    </section>
  );
}

/** Runs one step; a sign-in that took too long begins anew. */
function useStep(onDone: (answer: WentOn) => void, onOver: () => void) {
  const { t } = useTranslation();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  async function run(work: () => Promise<WentOn>): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      onDone(await work());
    } catch (error) {
      if (asProblem(error).code === "sign_in_over") onOver();
      else setProblem(problemSentence(t, error));
    }
    setBusy(false);
  }
  return { busy, problem, setProblem, run };
}

type StepProps = Omit<Props, "pending">;

function CodeStep({ onDone, onOver }: StepProps) {
  const { t } = useTranslation();
  const [code, setCode] = useState("");
  const step = useStep(onDone, onOver);
  function submit(event: FormEvent): void {
    event.preventDefault();
    if (code.trim()) void step.run(() => giveCode(code.trim()));
  }
  return (
    <form className="si-step" onSubmit={submit}>
      <label>
        {t("account.code")}
        <input className="si-input sw-num" value={code} autoFocus autoComplete="one-time-code" spellCheck={false}
          data-testid="code" onChange={(event) => setCode(event.target.value)} />
      </label>
      <p className="sw-small sw-quiet">{t("account.code_hint")}</p>
      {step.problem ? <Sentence tone="red">{step.problem}</Sentence> : null}
      <Button type="primary" htmlType="submit" block loading={step.busy} data-testid="give-code">{t("account.next")}</Button>
    </form>
  );
}

function PasswordStep({ least, onDone, onOver }: StepProps & { least: number }) {
  const { t } = useTranslation();
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const step = useStep(onDone, onOver);
  function submit(event: FormEvent): void {
    event.preventDefault();
    if (password !== again) step.setProblem(t("account.not_the_same"));
    else void step.run(() => giveNewPassword(password));
  }
  return (
    <form className="si-step" onSubmit={submit}>
      <p className="sw-small sw-quiet">{t("account.must_change")}</p>
      <label>
        {t("account.new_password")}
        <input className="si-input" type="password" value={password} autoFocus autoComplete="new-password"
          data-testid="new-password" onChange={(event) => setPassword(event.target.value)} />
      </label>
      <label>
        {t("account.again")}
        <input className="si-input" type="password" value={again} autoComplete="new-password"
          data-testid="new-password-again" onChange={(event) => setAgain(event.target.value)} />
      </label>
      <p className="sw-small sw-quiet">{t("account.password_rules", { least })}</p>
      {step.problem ? <Sentence tone="red">{step.problem}</Sentence> : null}
      <Button type="primary" htmlType="submit" block loading={step.busy} data-testid="give-password">{t("account.next")}</Button>
    </form>
  );
}
