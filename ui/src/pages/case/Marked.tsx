import { Fragment, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { usePersonal } from "./Personal";
import { Token } from "./Token";

/** Where something was masked the server leaves its kind in brackets. */
const TOKEN = /(\[(?:\p{Script=Han}{2,4}|QQ)\])/u;

interface Piece { at: number; text: string; token: boolean }

/** The text cut at its tokens. The server counts characters, JavaScript halves of rare ones. */
function pieces(text: string): Piece[] {
  let at = 0;
  return text.split(TOKEN).map((part, index) => {
    const piece = { at, text: part, token: index % 2 === 1 };
    at += [...part].length;
    return piece;
  });
}

/** A masked text that the vault shows nothing of here: its tokens softly marked. */
export function marked(text: string): ReactNode[] {
  return pieces(text).map((piece) => piece.token
    ? <mark key={piece.at} className="ca-mask">{piece.text.slice(1, -1)}</mark>
    : <Fragment key={piece.at}>{piece.text}</Fragment>);
}

/** `from`: where the text begins in what the server counts, for a part of one. */
interface Props { text: string; item: string; place: string; from?: number }

/** A masked text; its tokens can be opened where the vault holds what stood there. */
export function Marked({ text, item, place, from = 0 }: Props): ReactNode {
  const { t } = useTranslation();
  const kept = usePersonal()?.items.get(item);
  return pieces(text).map((piece) => {
    if (!piece.token) return <Fragment key={piece.at}>{piece.text}</Fragment>;
    const word = piece.text.slice(1, -1);
    if (kept?.forgotten) return <mark key={piece.at} className="ca-mask ca-mask-gone" title={t("vault.forgotten")}>{word}</mark>;
    const field = kept?.fields.find((one) => one.place === place && one.at === from + piece.at);
    return field ? <Token key={piece.at} item={item} field={field} /> : <mark key={piece.at} className="ca-mask">{word}</mark>;
  });
}

/** What the reporter left and the whole original: values with no place in the text. */
export function Apart({ item }: { item: string }): ReactNode {
  const { t } = useTranslation();
  const personal = usePersonal();
  const kept = personal?.items.get(item);
  if (!kept) return null;
  if (kept.forgotten) return <div className="sw-small sw-quiet" data-testid="forgotten">{t("vault.forgotten")}</div>;
  const contact = kept.fields.filter((one) => one.place === "reporter");
  const whole = personal?.restricted ? kept.fields.find((one) => one.kind === "original") : undefined;
  if (contact.length === 0 && !whole) return null;
  return (
    <>
      {contact.length > 0 ? (
        <div className="ca-apart sw-small sw-quiet">
          <span>{t("vault.contact")}</span>
          {contact.map((one) => <Token key={one.n} item={item} field={one} />)}
        </div>
      ) : null}
      {whole ? <div className="ca-apart"><Token item={item} field={whole} /></div> : null}
    </>
  );
}
