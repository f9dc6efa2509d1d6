import { useMutation, useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { asProblem, problemSentence } from "../../api/problem";
import { answerCallBack, publicCallBackQuery } from "../../api/verify";
import type { PublicAnswer, PublicCallBack } from "../../api/types";
import { Blank, ErrorBlank, Loading, Sentence } from "../../shared/Blank";
import "./callbacks.css";

/** What a link opens: two questions, no account, nothing of the matter. The token stands behind the hash, which no server sees. */
export default function PublicBack() {
  const { t } = useTranslation();
  const [token] = useState(() => window.location.hash.slice(1));
  const query = useQuery({ ...publicCallBackQuery(token), enabled: token !== "" });
  const [done, setDone] = useState(false);
  const over = token === "" || (query.isError && asProblem(query.error).status === 410);
  return (
    <main className="pb">
      <div className="pb-column">
        {done ? <Blank title={t("public_back.thanks")} text={t("public_back.thanks_text")} testId="public-back-done" />
          : over ? <Blank title={t("public_back.over")} text={t("public_back.over_text")} testId="public-back-over" />
          : query.isError ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />
          : !query.data ? <Loading rows={5} />
          : <Two token={token} asked={query.data} onDone={() => setDone(true)} />}
      </div>
    </main>
  );
}

const SATISFIED = ["yes", "basically", "no"] as const;

function Two({ token, asked, onDone }: { token: string; asked: PublicCallBack; onDone: () => void }) {
  const { t } = useTranslation();
  const [resolved, setResolved] = useState<boolean | null>(null);
  const [satisfied, setSatisfied] = useState<PublicAnswer["satisfied"] | null>(null);
  const send = useMutation({ mutationFn: (body: PublicAnswer) => answerCallBack(token, body), onSuccess: onDone });
  const [, month, day] = asked.day.split("-").map(Number);
  return (
    <form className="pb-form" data-testid="public-back"
      onSubmit={(event) => {
        event.preventDefault();
        if (resolved !== null && satisfied !== null && !send.isPending) send.mutate({ resolved, satisfied });
      }}>
      <header>
        <h1>{t("public_back.title", { street: asked.street })}</h1>
        <p className="sw-quiet">{t("public_back.about", { month, day })}</p>
      </header>
      <fieldset>
        <legend>{t("public_back.resolved")}</legend>
        {[true, false].map((one) => (
          <label key={String(one)}><input type="radio" name="resolved" checked={resolved === one} onChange={() => setResolved(one)} data-testid={`resolved-${one}`} />{t(one ? "public_back.is_resolved" : "public_back.not_resolved")}</label>
        ))}
      </fieldset>
      <fieldset>
        <legend>{t("public_back.satisfied")}</legend>
        {SATISFIED.map((one) => (
          <label key={one}><input type="radio" name="satisfied" checked={satisfied === one} onChange={() => setSatisfied(one)} data-testid={`satisfied-${one}`} />{t(`back_call.satisfied_${one}`)}</label>
        ))}
      </fieldset>
      {send.error ? <Sentence tone="red">{problemSentence(t, send.error)}</Sentence> : null}
      <Button type="primary" htmlType="submit" size="large" disabled={resolved === null || satisfied === null} loading={send.isPending} data-testid="public-back-send">{t("public_back.send")}</Button>
      <p className="sw-small sw-quiet">{t("public_back.privacy")}</p>
    </form>
  );
}
