import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { asProblem, problemSentence } from "../../api/problem";
import { orderReport, reportKeys, type ReportKind, type Reports } from "../../api/reports";
import { Sentence } from "../../shared/Blank";

const KINDS: ReportKind[] = ["daily", "weekly", "monthly"];

/** Orders the report of a period that is over; once more where there is one. */
export function Make({ periods, area }: { periods: Reports["periods"]; area: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [kind, setKind] = useState<ReportKind>("daily");
  const [asked, setAsked] = useState<string | null>(null);
  const names = periods.filter((one) => one.kind === kind).map((one) => one.name);
  const name = asked !== null && names.includes(asked) ? asked : (names[0] ?? "");
  const order = useMutation({
    mutationFn: () => orderReport(kind, name, area),
    onSettled: () => client.invalidateQueries({ queryKey: reportKeys.all }),
  });
  const problem = order.error ? asProblem(order.error) : null;
  return (
    <section className="rp-make" aria-label={t("reports.make")}>
      <div className="rp-pick">
        <Select className="rp-kind" aria-label={t("reports.make_kind")} value={kind} onChange={setKind} data-testid="report-make-kind"
          options={KINDS.map((one) => ({ value: one, label: t(`reports.kind.${one}`) }))} />
        <Select className="rp-name" aria-label={t("reports.make_name")} value={name} onChange={setAsked} data-testid="report-make-name"
          options={names.map((one) => ({ value: one, label: t(`reports.name.${kind}`, { name: one }) }))} />
        <Button type="primary" loading={order.isPending} disabled={name === ""} onClick={() => order.mutate()} data-testid="report-make">{t("reports.make")}</Button>
      </div>
      <p className="sw-small sw-quiet">{t("reports.make_hint")}</p>
      {problem ? <Sentence tone="red">{t(`reports.problem.${problem.code}`, { defaultValue: problemSentence(t, problem) })}</Sentence> : null}
    </section>
  );
}
