import { useQuery } from "@tanstack/react-query";
import { Button, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { natureQuery, sayNature, type NatureWord } from "../../api/natures";
import { Sentence } from "../../shared/Blank";
import { useDo } from "../natures/useDo";
import "./natures.css";

const NATURES: NatureWord[] = ["problem", "hazard", "dispute", "request"];

/** What a case is taken for, by which words, and how sure; an officer may say otherwise. */
export function Nature({ id }: { id: string }) {
  const { t } = useTranslation();
  const found = useQuery(natureQuery(id)).data;
  const [open, setOpen] = useState(false);
  const say = useDo(id, (nature: NatureWord) => sayNature(id, found?.version ?? 0, nature), () => setOpen(false));
  if (!found) return null;
  const said = found.why?.params as { confidence?: number; words?: string[] } | undefined;
  return (
    <div className="nt-nature" data-testid="nature">
      <span data-testid="nature-word" data-nature={found.nature}>{t(`nature.${found.nature}`)}</span>{" "}
      <span className="sw-small sw-quiet">
        {found.why?.code === "nature_operator" ? t("natures.by_officer") : said?.confidence === undefined ? null : t("natures.by_words", { percent: `${Math.round(said.confidence * 100)}%` })}
        {said?.words?.length ? ` ${t("natures.by_words_of", { words: said.words.join(t("back.comma")) })}` : ""}
      </span>{" "}
      {found.may_correct && !open ? <Button size="small" type="text" data-testid="nature-change" onClick={() => setOpen(true)}>{t("natures.change")}</Button> : null}
      {open ? (
        <Select autoFocus defaultOpen size="small" className="nt-pick" placeholder={t("natures.choose")} aria-label={t("natures.choose")} data-testid="nature-pick" loading={say.busy}
          onChange={(nature: NatureWord) => say.run(nature)} onBlur={() => setOpen(false)}
          options={NATURES.map((value) => ({ value, label: t(`nature.${value}`) }))} />
      ) : null}
      {say.refused ? <Sentence tone="red">{say.refused}</Sentence> : null}
    </div>
  );
}
