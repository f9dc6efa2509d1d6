import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Checkbox, Input, Radio, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { problemSentence } from "../../api/problem";
import { forget, keys, previewForget } from "../../api/queries";
import type { Forgets, ForgetTarget } from "../../api/types";
import { Sentence } from "../../shared/Blank";

const KINDS = ["mobile", "landline", "id_card", "plate"] as const;
type By = "number" | "signal";

/** Forgetting in two steps: first how much it concerns, then why and for good. */
export function Forget() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [by, setBy] = useState<By>("number");
  const [kind, setKind] = useState<string>(KINDS[0]);
  const [value, setValue] = useState("");
  const [whole, setWhole] = useState(false);
  const [reason, setReason] = useState("");
  const [found, setFound] = useState<Forgets | null>(null);
  const [done, setDone] = useState<Forgets | null>(null);

  function target(): ForgetTarget {
    const bare = { signal: null, upstream_key: null, number: null, whole_reporter: false };
    return by === "number" ? { ...bare, number: { kind, value } } : { ...bare, upstream_key: value, whole_reporter: whole };
  }
  const look = useMutation({ mutationFn: () => previewForget(target()), gcTime: 0, onSuccess: setFound });
  const destroy = useMutation({
    mutationFn: () => forget({ ...target(), reason }),
    gcTime: 0,
    onSuccess: (result) => {
      setDone(result);
      clear();
      setValue("");
      setReason("");
      void client.invalidateQueries({ queryKey: keys.vault, exact: true });
    },
  });
  function clear(): void {
    setFound(null);
    look.reset();
    destroy.reset();
  }
  function change<T>(set: (value: T) => void) {
    return (next: T): void => {
      set(next);
      setDone(null);
      clear();
    };
  }
  const nothing = found !== null && found.items === 0 && found.reporters === 0;
  const problem = look.error ?? destroy.error;
  return (
    <section className="va-part sw-panel" aria-label={t("vault.forget")}>
      <h2>{t("vault.forget")}</h2>
      <p className="sw-quiet">{t("vault.forget_text")}</p>
      <form className="va-form" onSubmit={(event) => {
        event.preventDefault();
        if (value.trim() && !look.isPending) look.mutate();
      }}>
        <Radio.Group value={by} onChange={(event) => change(setBy)(event.target.value as By)}>
          <Radio value="number" data-testid="forget-by-number">{t("vault.by_number")}</Radio>
          <Radio value="signal" data-testid="forget-by-signal">{t("vault.by_signal")}</Radio>
        </Radio.Group>
        <div className="va-do">
          {by === "number" ? (
            <Select className="va-kind" value={kind} onChange={change(setKind)} aria-label={t("vault.kind")}
              options={KINDS.map((one) => ({ value: one, label: t(`mask.${one}`) }))} />
          ) : null}
          <Input className="va-value" value={value} maxLength={100} autoComplete="off" data-testid="forget-value"
            aria-label={t(by === "number" ? "vault.number" : "vault.upstream_key")} placeholder={t(by === "number" ? "vault.number" : "vault.upstream_key")}
            onChange={(event) => change(setValue)(event.target.value)} />
          <Button htmlType="submit" loading={look.isPending} disabled={!value.trim()} data-testid="forget-look">{t("vault.look")}</Button>
        </div>
        {by === "signal" ? (
          <Checkbox checked={whole} onChange={(event) => change(setWhole)(event.target.checked)}>{t("vault.whole_reporter")}</Checkbox>
        ) : null}
      </form>
      {problem ? <Sentence tone="red"><span data-testid="forget-problem">{problemSentence(t, problem)}</span></Sentence> : null}
      {nothing ? <Sentence tone="neutral"><span data-testid="forget-nothing">{t("vault.found_nothing")}</span></Sentence> : null}
      {found && !nothing ? (
        <form className="va-confirm" data-testid="forget-confirm" onSubmit={(event) => {
          event.preventDefault();
          if (reason.trim().length >= 2 && !destroy.isPending) destroy.mutate();
        }}>
          <Sentence tone="amber">{t("vault.found", { items: found.items, reporters: found.reporters })}</Sentence>
          <label htmlFor="forget-reason">{t("vault.forget_why")}<span className="sw-small sw-quiet"> {t("common.required")}</span></label>
          <Input id="forget-reason" value={reason} maxLength={200} data-testid="forget-reason" onChange={(event) => setReason(event.target.value)} />
          <div className="va-do">
            <Button danger type="primary" htmlType="submit" loading={destroy.isPending} disabled={reason.trim().length < 2} data-testid="forget-sure">{t("vault.forget_do")}</Button>
            <Button onClick={clear}>{t("common.cancel")}</Button>
          </div>
        </form>
      ) : null}
      {done ? <Sentence tone="green"><span data-testid="forget-done">{t("vault.forgot", { items: done.items, reporters: done.reporters })}</span></Sentence> : null}
    </section>
  );
}
