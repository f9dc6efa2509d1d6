import { useQuery } from "@tanstack/react-query";
import { Input } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { directoryQuery } from "../../api/queries";
import type { RankedClass } from "../../api/types";
import { useArea } from "../../app/session";
import { Choices } from "./Choices";

type Cls = Pick<RankedClass, "scheme" | "code" | "name">;
const MOST = 8;

/** Any class of the taxonomy by a piece of its name, its group or its code; Enter takes the marked one. */
export function ClassSearch({ onPick, onCancel, autoFocus = false }: { onPick: (cls: Cls) => void; onCancel?: () => void; autoFocus?: boolean }) {
  const { t, i18n } = useTranslation();
  const { area } = useArea();
  const [text, setText] = useState("");
  const classes = useQuery(directoryQuery(area.code)).data?.categories;
  const english = i18n.language === "en";
  const found = useMemo(() => {
    const words = text.trim().toLowerCase();
    const all = (classes ?? []).map((one) => ({ ...one, shown: (english && one.name_en) || one.name }));
    if (!words) return [];
    const at = (one: (typeof all)[number]): number => {
      const name = one.shown.toLowerCase();
      if (name.startsWith(words)) return 0;
      if (name.includes(words) || one.name.includes(words)) return 1;
      return one.code.toLowerCase().includes(words) || (one.group ?? "").toLowerCase().includes(words) ? 2 : 9;
    };
    return all.map((one) => ({ one, rank: at(one) })).filter(({ rank }) => rank < 9).sort((a, b) => a.rank - b.rank).slice(0, MOST).map(({ one }) => one);
  }, [classes, text, english]);
  return (
    <Choices
      testId="class-search" options={found.map((one) => ({ key: `${one.scheme}:${one.code}`, words: one.shown, more: one.group ?? one.code }))}
      none={text.trim() ? t("desk.no_class_found") : null} onCancel={onCancel}
      onPick={(index) => {
        const one = found[index];
        if (one) onPick({ scheme: one.scheme, code: one.code, name: one.shown });
      }}
    >
      {(props) => <Input {...props} value={text} autoFocus={autoFocus} placeholder={t("desk.class_hint")} aria-label={t("desk.search_class")} data-testid="class-search" onChange={(event) => setText(event.target.value)} />}
    </Choices>
  );
}
