import { Button, Input } from "antd";
import { lazy, Suspense, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { hangCase } from "../../api/desk";
import { Problem } from "../../api/problem";
import { fetchCases } from "../../api/queries";
import type { CaseView, PlaceOption, RankedClass, Understanding } from "../../api/types";
import { ClassSearch } from "../desk/ClassSearch";
import { PlaceSearch } from "../desk/PlaceSearch";

const PickMap = lazy(() => import("../desk/PickMap"));

/** Something is done about this case; the words say what came of it. */
export type Do = (call: () => Promise<unknown>, said: (answer: unknown) => string) => void;

interface ClassProps { onPick: (cls: Pick<RankedClass, "scheme" | "code" | "name">) => void; onCancel: () => void }

/** Another class, by searching. */
export function CorrectClass({ onPick, onCancel }: ClassProps) {
  const { t } = useTranslation();
  return (
    <div className="cw-correct" data-testid="correct-class-form">
      <ClassSearch autoFocus onPick={onPick} onCancel={onCancel} />
      <Button size="small" type="text" onClick={onCancel}>{t("whys.cancel")}</Button>
    </div>
  );
}

type Where = { place: string } | { lon: number; lat: number };
interface PlaceProps { view: CaseView; places: readonly PlaceOption[]; onPick: (where: Where) => void; onCancel: () => void }

/** Another place: one of the candidates, one of the gazetteer, or a click on the map. */
export function CorrectPlace({ view, places, onPick, onCancel }: PlaceProps) {
  const { t } = useTranslation();
  const here = view.lon !== null && view.lat !== null ? { lon: view.lon, lat: view.lat } : null;
  return (
    <div className="cw-correct" data-testid="correct-place-form">
      {places.length > 0 ? (
        <ol className="cw-others sw-small">
          {places.map((place, index) => (
            <li key={place.code} className="cw-line"><span><b>{index + 1}</b> {place.name}</span><Button size="small" type="text" onClick={() => onPick({ place: place.code })}>{t("whys.take")}</Button></li>
          ))}
        </ol>
      ) : null}
      <PlaceSearch autoFocus onPick={(place) => onPick({ place: place.code })} onCancel={onCancel} />
      <Suspense fallback={<div className="dk-map" />}>
        <PickMap area={view.area} pins={places} reported={here} picking takesFocus={false} onPick={onPick} onCancel={onCancel} />
      </Suspense>
      <Button size="small" type="text" onClick={onCancel}>{t("whys.cancel")}</Button>
    </div>
  );
}

/** The case of a number, exactly. */
async function byNumber(area: string, number: string): Promise<string> {
  const page = await fetchCases({ area, q: number }, null);
  const found = page.items.find((row) => row.number === number);
  if (!found) throw new Problem({ status: 404, code: "case_number_unknown" });
  return found.id;
}

/** One cause, several cases: hang this one under another, by its number. */
export function Hang({ known, area, run, busy }: { known: Understanding; area: string; run: Do; busy: boolean }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [number, setNumber] = useState("");
  if (known.parent)
    return <div className="cw-do"><Button size="small" disabled={busy} data-testid="unhang" onClick={() => run(() => hangCase(known.id, known.version, null), () => t("whys.unhung"))}>{t("whys.unhang")}</Button></div>;
  if (!open) return <div className="cw-do"><Button size="small" data-testid="hang" onClick={() => setOpen(true)}>{t("whys.hang")}</Button></div>;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const wanted = number.trim();
    if (!wanted) return;
    run(async () => hangCase(known.id, known.version, await byNumber(area, wanted)), () => {
      setOpen(false);
      return t("whys.hung", { number: wanted });
    });
  };
  return (
    <form className="cw-hang" onSubmit={submit}>
      <Input size="small" autoFocus value={number} placeholder={t("whys.hang_hint")} aria-label={t("whys.hang_hint")} data-testid="hang-number" onChange={(event) => setNumber(event.target.value)} />
      <Button size="small" htmlType="submit" disabled={busy}>{t("whys.hang_do")}</Button>
      <Button size="small" type="text" onClick={() => setOpen(false)}>{t("whys.cancel")}</Button>
    </form>
  );
}
