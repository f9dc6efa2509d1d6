import { useQuery } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { useEffect, useMemo, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { responsibleQuery, type Asked } from "../../api/directory";
import { problemSentence } from "../../api/problem";
import { directoryQuery } from "../../api/queries";
import { useArea } from "../../app/session";
import { useNames } from "./names";

/** "Who would get it?": class, grid and time in, unit and deciding line out. The server decides. */
export function TryRule({ onDecided }: { onDecided: (rule: string | null) => void }) {
  const { t } = useTranslation();
  const { area } = useArea();
  const nameOf = useNames();
  const directory = useQuery(directoryQuery(area.code)).data;
  const [wanted, setWanted] = useState<Asked>({});
  const [asked, setAsked] = useState<Asked | null>(null);
  const answer = useQuery({ ...responsibleQuery(area.code, asked ?? {}), enabled: asked !== null });
  const found = asked ? answer.data : undefined;
  const rule = found?.rule ?? null;
  useEffect(() => onDecided(rule), [rule, onDecided]);

  const classes = useMemo(
    () => (directory?.categories ?? []).map((one) => ({ value: `${one.scheme}:${one.code}`, label: `${one.name} ${one.code}` })),
    [directory],
  );
  const grids = (directory?.grids ?? []).map((one) => ({ value: one.code, label: one.name }));
  function ask(event: FormEvent): void {
    event.preventDefault();
    setAsked({ ...wanted });
    if (asked) void answer.refetch();
  }
  return (
    <form className="di-try" onSubmit={ask} aria-label={t("dir.try.title")} data-testid="try-rule">
      <span className="sw-quiet">{t("dir.try.title")}</span>
      <Select allowClear className="di-try-class" showSearch={{ optionFilterProp: "label" }} placeholder={t("dir.rule.what")} aria-label={t("dir.rule.what")}
        data-testid="try-class" options={classes} popupMatchSelectWidth={280}
        onChange={(value?: string) => {
          const [scheme, code] = value?.split(":") ?? [];
          setWanted((now) => ({ ...now, scheme, code }));
        }} />
      <Select allowClear className="di-try-grid" showSearch={{ optionFilterProp: "label" }} placeholder={t("dir.rule.where")} aria-label={t("dir.rule.where")}
        data-testid="try-grid" options={grids} popupMatchSelectWidth={240} onChange={(grid?: string) => setWanted((now) => ({ ...now, grid }))} />
      <Input className="di-try-at" type="datetime-local" aria-label={t("dir.try.at")} title={t("dir.try.at_hint")}
        onChange={(event) => setWanted((now) => ({ ...now, at: event.target.value || undefined }))} />
      <Button htmlType="submit" disabled={!wanted.code} loading={answer.isFetching} data-testid="try-ask">{t("dir.try.ask")}</Button>
      <span role="status" className="di-try-answer" data-testid="try-answer">
        {answer.error && asked ? <span className="sw-red">{problemSentence(t, answer.error)}</span>
          : !found ? <span className="sw-quiet sw-small">{t("dir.try.hint")}</span>
          : found.unit === null ? t("dir.try.nobody")
          : <><strong>{nameOf("unit", found.unit) ?? found.unit}</strong> <span className="sw-quiet">{t("dir.try.by", { rule })}</span></>}
      </span>
    </form>
  );
}
