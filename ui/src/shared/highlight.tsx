import { Fragment, type ReactNode } from "react";

/** "danger": words that make it urgent; "why": words that an engine went by. */
export type Tone = "danger" | "why";
export interface Spoke { word: string; tone: Tone }

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
/** Full-width letters and digits as the engines read them; one for one, so that places stay. */
const fold = (text: string): string =>
  text.replace(/[\uFF01-\uFF5E]/g, (one) => String.fromCharCode(one.charCodeAt(0) - 0xfee0)).toLowerCase();

/** A text with the words that spoke marked; the rest is drawn by `plain`. */
export function highlighted(text: string, spoke: readonly Spoke[], plain: (text: string) => ReactNode): ReactNode {
  const tones = new Map<string, Tone>();
  for (const { word, tone } of spoke) if (word.trim() && tones.get(fold(word)) !== "danger") tones.set(fold(word), tone);
  if (tones.size === 0) return plain(text);
  const words = [...tones.keys()].sort((a, b) => b.length - a.length).map(escape);
  const folded = fold(text);
  const found = folded.length === text.length ? [...folded.matchAll(new RegExp(words.join("|"), "g"))] : [];
  const pieces: ReactNode[] = [];
  let at = 0;
  for (const match of found) {
    if (match.index > at) pieces.push(<Fragment key={at}>{plain(text.slice(at, match.index))}</Fragment>);
    const end = match.index + match[0].length;
    pieces.push(<mark key={`m${match.index}`} className={`sw-spoke sw-spoke-${tones.get(match[0]) ?? "why"}`}>{text.slice(match.index, end)}</mark>);
    at = end;
  }
  if (at < text.length) pieces.push(<Fragment key={at}>{plain(text.slice(at))}</Fragment>);
  return pieces;
}
