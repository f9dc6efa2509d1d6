import { useTranslation } from "react-i18next";
import type { Kind, Preview } from "../../api/directory";
import { columnName, kindName } from "./kinds";
import { mistakeWords } from "./mistakes";
import { Touches } from "./Touches";

/** What a preview says beyond the fields: mistakes to mend, and what else would notice. */
export function WhatChanges({ kinds, preview }: { kinds: Kind[]; preview: Preview }) {
  const { t, i18n } = useTranslation();
  const { mistakes, touches } = preview;
  const columnOf = (name: string): string => {
    const column = kinds.flatMap(({ columns }) => columns).find((one) => one.name === name);
    return column ? columnName(column, i18n.language) : name;
  };
  const kindOf = (name: string): string => {
    const kind = kinds.find((one) => one.kind === name);
    return kind ? kindName(kind, i18n.language) : "";
  };
  return (
    <>
      {mistakes.length > 0 ? (
        <section className="di-mistakes" data-testid="mistakes" role="alert">
          <h3>{t("dir.review.mistakes", { count: mistakes.length })}</h3>
          <ul>{mistakes.map((one) => <li key={one} title={one}>{mistakeWords(t, i18n.language, one, columnOf, kindOf)}</li>)}</ul>
        </section>
      ) : null}
      <section className="di-section" data-testid="touches">
        <h3>{t("dir.review.touches")}</h3>
        {touches.length === 0 ? <p className="sw-quiet">{t("dir.review.touches_none")}</p> : <Touches touches={touches} />}
      </section>
    </>
  );
}
