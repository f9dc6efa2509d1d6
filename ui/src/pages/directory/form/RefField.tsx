import { useQueries, useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { recordQuery, someQuery } from "../../../api/directory";
import { problemSentence } from "../../../api/problem";
import { useArea } from "../../../app/session";
import { titleOf, type Hint } from "../kinds";

const TYPING_MS = 200;

interface Props { id: string; hint: Hint; several: boolean; value: unknown; onChange: (value: unknown) => void }

/** Other records by name: a few letters of name, alias or code, then choose. */
export function RefField({ id, hint, several, value, onChange }: Props) {
  const { t, i18n } = useTranslation();
  const { area } = useArea();
  const [typed, setTyped] = useState("");
  const [q, setQ] = useState("");
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => setQ(typed.trim()), TYPING_MS);
    return () => window.clearTimeout(timer);
  }, [typed]);
  const codes = (Array.isArray(value) ? value : value ? [value] : []).map(String);
  const isMore = (code: string): boolean => hint.more?.includes(code) ?? false;
  const moreWords = (code: string): string => (code === "*" ? t("dir.rule.everywhere") : t("dir.rule.community"));
  const some = useQuery({ ...someQuery(area.code, hint.ref, q), enabled: open, placeholderData: (before) => before });
  const chosen = useQueries({
    queries: codes.filter((code) => !isMore(code)).map((code) => ({ ...recordQuery(area.code, hint.ref, code), retry: false })),
  });
  const names = new Map(chosen.flatMap(({ data }) => (data ? [[data.code, titleOf(data, i18n.language)] as const] : [])));
  const options = [
    ...(q ? [] : (hint.more ?? []).map((code) => ({ value: code, label: moreWords(code) }))),
    ...(some.data?.items ?? []).map((one) => ({ value: one.code, label: `${titleOf(one, i18n.language)} ${one.code}` })),
  ];
  // what is chosen keeps its name, whatever is being looked for
  for (const code of codes)
    if (!options.some((one) => one.value === code)) options.push({ value: code, label: isMore(code) ? moreWords(code) : (names.get(code) ?? code) });
  const common = {
    id, options, className: "di-wide", onOpenChange: setOpen, placeholder: t("dir.form.ref"),
    showSearch: { filterOption: false, onSearch: setTyped },
    notFoundContent: some.error ? problemSentence(t, some.error) : t(some.isFetching ? "common.loading" : "dir.none_found"),
  } as const;
  if (several) return <Select {...common} mode="multiple" value={codes} onChange={(next: string[]) => onChange(next)} />;
  return <Select {...common} allowClear value={codes[0]} onChange={(next?: string) => onChange(next ?? null)} />;
}
