import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { asProblem, problemSentence } from "../../api/problem";
import { freezeBaseline } from "../../api/flow";
import { Sentence } from "../../shared/Blank";

/** Freezes a period as what later ones are compared with. It cannot be changed afterwards. */
export function Freeze({ area }: { area: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [since, setSince] = useState("");
  const [until, setUntil] = useState("");
  const freeze = useMutation({
    mutationFn: () => freezeBaseline(area, since, until),
    onSuccess: () => client.invalidateQueries({ queryKey: ["speed"] }),
  });
  return (
    <form className="fl-freeze" data-testid="freeze" onSubmit={(event) => { event.preventDefault(); freeze.mutate(); }}>
      <p className="sw-small sw-quiet">{t("speed.freeze_said")}</p>
      <input type="date" className="fl-day" required value={since} aria-label={`${t("speed.baseline")} ${t("flow.first")}`} data-testid="freeze-since" onChange={(event) => setSince(event.target.value)} />
      {t("flow.until")}
      <input type="date" className="fl-day" required value={until} aria-label={`${t("speed.baseline")} ${t("flow.last")}`} data-testid="freeze-until" onChange={(event) => setUntil(event.target.value)} />
      <Button htmlType="submit" loading={freeze.isPending} data-testid="freeze-do">{t("speed.freeze")}</Button>
      {freeze.isError ? <Sentence tone="red">{problemSentence(t, asProblem(freeze.error))}</Sentence> : null}
    </form>
  );
}
