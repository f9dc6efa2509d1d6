import { useMutation } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { contestOrder } from "../../api/orders";
import { asProblem, problemSentence } from "../../api/problem";
import type { Order } from "../../api/types";
import { Sentence } from "../../shared/Blank";
import { PhotoPick, type Draft } from "./PhotoPick";

interface Props { order: Order; onDone: () => void; onStale: () => void; onClose: () => void }

/** Contesting a wrong dispatch upstream: ground, words, evidence. */
export function Contest({ order, onDone, onStale, onClose }: Props) {
  const { t, i18n } = useTranslation();
  const [ground, setGround] = useState<string>();
  const [text, setText] = useState("");
  const [drafts, setDrafts] = useState<Draft[]>([]);
  const [tried, setTried] = useState(false);
  const zh = i18n.language.startsWith("zh");
  const send = useMutation({
    mutationFn: () => contestOrder(order, ground ?? "", text.trim(), drafts.flatMap(({ id }) => (id ? [id] : []))),
    onSuccess: onDone,
    onError: (error) => {
      if (asProblem(error).status === 412) onStale();
    },
  });
  const problem = send.error ? asProblem(send.error) : null;
  const ready = Boolean(ground && text.trim()) && drafts.every(({ id }) => id);
  const submit = (): void => {
    setTried(true);
    if (ready) send.mutate();
  };
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- keys bubble up from its fields
    <form className="co-form" data-testid="contest-form"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit();
        else if (event.key === "Escape") onClose();
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}>
      <Select className="co-ground" placeholder={t("orders.ground")} aria-label={t("orders.ground")} value={ground} data-testid="contest-ground" status={tried && !ground ? "error" : undefined}
        onChange={setGround} options={order.contest_grounds.map((one) => ({ value: one.code, label: zh ? one.name : one.name_en }))} />
      <Input.TextArea value={text} autoSize={{ minRows: 3, maxRows: 8 }} maxLength={2000} data-testid="contest-text" aria-label={t("orders.text.contest")}
        placeholder={t("orders.placeholder.contest")} status={tried && !text.trim() ? "error" : undefined} onChange={(event) => setText(event.target.value)} />
      <PhotoPick drafts={drafts} onChange={setDrafts} />
      {tried && !ready ? <p className="sw-small sw-red" role="alert">{t("orders.contest_needs")}</p> : null}
      {problem ? <Sentence tone={problem.status === 412 ? "amber" : "red"}>{problem.status === 412 ? t("orders.stale") : problemSentence(t, problem)}</Sentence> : null}
      <div className="co-do">
        <Button type="primary" size="small" htmlType="submit" loading={send.isPending} data-testid="contest-submit">{t("orders.submit.contest")}</Button>
        <Button size="small" onClick={onClose}>{t("common.cancel")}</Button>
      </div>
    </form>
  );
}
