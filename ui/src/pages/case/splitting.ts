import type { CaseView, SplitPart, Understanding } from "../../api/types";

/** A sentence of a voice, or a voice that has no words; `span` in characters as the server counts them. */
export interface Piece { key: string; signalId: string; part: number; span: [number, number] | null; words: string }

/** Each sentence of a text with where it stands. Characters, not UTF-16 units. */
export function sentences(text: string): { span: [number, number]; words: string }[] {
  const found: { span: [number, number]; words: string }[] = [];
  let at = 0;
  for (const words of text.match(/[^。！？；!?;\n]*[。！？；!?;\n]+|[^。！？；!?;\n]+$/g) ?? []) {
    const end = at + Array.from(words).length;
    if (words.trim()) found.push({ span: [at, end], words: words.trim() });
    at = end;
  }
  return found;
}

/** What can be given to a problem: of each voice its sentences. */
export function piecesOf(view: CaseView, known: Understanding): Piece[] {
  return known.links.filter((link) => link.why !== "same_upstream_item").flatMap((link): Piece[] => {
    const signal = view.signals.find((one) => one.id === link.signal_id);
    const key = `${link.signal_id} ${link.part}`;
    const cut = sentences(signal?.text ?? "");
    const whole = { key, signalId: link.signal_id, part: link.part, span: null, words: signal?.title ?? "" };
    return cut.length < 2 ? [{ ...whole, words: cut[0]?.words ?? whole.words }]
      : cut.map(({ span, words }) => ({ ...whole, key: `${key} ${span[0]}`, span, words }));
  });
}

/** The voices of each problem, from which problem each piece was given to. A voice that tells of one only goes whole. */
export function voicesOf(pieces: readonly Piece[], given: Readonly<Record<string, number>>, problems: number): SplitPart["voices"][] {
  const at = (piece: Piece): number => given[piece.key] ?? 0;
  return Array.from({ length: problems }, (_, n) => {
    const voices: SplitPart["voices"] = [];
    const of = (piece: Piece) => pieces.filter((one) => one.signalId === piece.signalId && one.part === piece.part);
    for (const piece of pieces) {
      if (at(piece) !== n || voices.some((one) => one.signal_id === piece.signalId && one.part === piece.part)) continue;
      const mine = of(piece).filter((one) => at(one) === n);
      const whole = mine.length === of(piece).length;
      voices.push({ signal_id: piece.signalId, part: piece.part, spans: whole ? [] : mine.flatMap((one) => (one.span ? [one.span] : [])) });
    }
    return voices;
  });
}
