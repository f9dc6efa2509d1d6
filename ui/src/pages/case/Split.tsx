import { Button, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { splitCase } from "../../api/desk";
import type { CaseView, SplitDone, Understanding } from "../../api/types";
import { ClassSearch } from "../desk/ClassSearch";
import { PlaceSearch } from "../desk/PlaceSearch";
import type { Do } from "./Correct";
import { piecesOf, voicesOf } from "./splitting";

const PROBLEMS_MOST = 9;

interface Problem { title: string; category: { key: string; name: string } | null; place: { code: string; name: string } | null }
const NEW: Problem = { title: "", category: null, place: null };

interface Props { view: CaseView; known: Understanding; run: Do; busy: boolean }

/** One case, several problems: which sentence tells of which. */
export function Split(props: Props) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  if (!open) return <div className="cw-do"><Button size="small" data-testid="split" onClick={() => setOpen(true)}>{t("whys.split.open")}</Button></div>;
  return <SplitForm {...props} onClose={() => setOpen(false)} />;
}

function SplitForm({ view, known, run, busy, onClose }: Props & { onClose: () => void }) {
  const { t } = useTranslation();
  const [problems, setProblems] = useState<Problem[]>([{ ...NEW, title: view.title }, NEW]);
  const [given, setGiven] = useState<Readonly<Record<string, number>>>({});
  const [orders, setOrders] = useState<Readonly<Record<string, number>>>({});
  const pieces = piecesOf(view, known);
  const voices = voicesOf(pieces, given, problems.length);
  const empty = voices.findIndex((one) => one.length === 0);
  const change = (n: number, some: Partial<Problem>): void => setProblems((all) => all.map((one, at) => (at === n ? { ...one, ...some } : one)));
  const fewer = (): void => {
    const last = problems.length - 1;
    const back = (all: Readonly<Record<string, number>>) => Object.fromEntries(Object.entries(all).filter(([, at]) => at < last));
    setProblems((all) => all.slice(0, last));
    setGiven(back);
    setOrders(back);
  };
  const submit = (): void => run(
    () => splitCase(known.id, known.version, problems.map((one, n) => ({
      title: one.title.trim() && one.title.trim() !== view.title ? one.title.trim() : null,
      category: one.category?.key ?? null, place: one.place?.code ?? null, voices: voices[n] ?? [],
      orders: Object.entries(orders).filter(([, at]) => at === n).map(([id]) => id),
    }))),
    (answer) => {
      onClose();
      return t("whys.split.done", { numbers: (answer as SplitDone).cases.slice(1).map((one) => one.number).join(t("common.list")) });
    },
  );
  const pick = (value: number, label: string, onPick: (n: number) => void) => (
    <select value={value} aria-label={label} onChange={(event) => onPick(Number(event.target.value))}>
      {problems.map((_, n) => <option key={n} value={n}>{t("whys.split.nth", { n: n + 1 })}</option>)}
    </select>
  );
  return (
    <div className="cw-split sw-small" role="dialog" aria-label={t("whys.split.title")} data-testid="split-form">
      <p><b>{t("whys.split.title")}</b></p>
      <p className="sw-quiet">{t("whys.split.hint")}</p>
      <ol className="cw-pieces">
        {pieces.map((piece) => (
          <li key={piece.key} data-testid="split-piece">
            <span>{piece.words || t("whys.split.whole")}</span>
            {pick(given[piece.key] ?? 0, t("whys.split.which"), (n) => setGiven((all) => ({ ...all, [piece.key]: n })))}
          </li>
        ))}
        {view.orders.map((order) => {
          const label = t("whys.split.order", { number: order.number });
          return <li key={order.id}><span>{label}</span>{pick(orders[order.id] ?? 0, label, (n) => setOrders((all) => ({ ...all, [order.id]: n })))}</li>;
        })}
      </ol>
      {problems.map((one, n) => <ProblemLine key={n} n={n} one={one} onChange={(some) => change(n, some)} />)}
      {empty >= 0 ? <p className="sw-amber" data-testid="split-empty">{t("whys.split.empty", { n: empty + 1 })}</p> : null}
      <div className="cw-do">
        <Button size="small" type="primary" disabled={busy || empty >= 0} data-testid="split-do" onClick={submit}>{t("whys.split.do")}</Button>
        {problems.length < PROBLEMS_MOST ? <Button size="small" onClick={() => setProblems((all) => [...all, NEW])}>{t("whys.split.more")}</Button> : null}
        {problems.length > 2 ? <Button size="small" onClick={fewer}>{t("whys.split.less")}</Button> : null}
        <Button size="small" type="text" onClick={onClose}>{t("whys.cancel")}</Button>
      </div>
    </div>
  );
}

function ProblemLine({ n, one, onChange }: { n: number; one: Problem; onChange: (some: Partial<Problem>) => void }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState<"category" | "place" | null>(null);
  const done = (): void => setAsking(null);
  const name = t("whys.split.name", { n: n + 1 });
  return (
    <div className="cw-offer" data-testid="split-problem">
      <Input size="small" value={one.title} maxLength={80} placeholder={name} aria-label={name} onChange={(event) => onChange({ title: event.target.value })} />
      <div className="cw-do">
        <Button size="small" onClick={() => setAsking("category")}>{one.category?.name ?? t("whys.split.category")}</Button>
        <Button size="small" onClick={() => setAsking("place")}>{one.place?.name ?? t("whys.split.place")}</Button>
      </div>
      {asking === "category" ? (
        <ClassSearch autoFocus onCancel={done} onPick={(cls) => {
          onChange({ category: { key: `${cls.scheme}:${cls.code}`, name: cls.name } });
          done();
        }} />
      ) : null}
      {asking === "place" ? (
        <PlaceSearch autoFocus onCancel={done} onPick={(place) => {
          onChange({ place });
          done();
        }} />
      ) : null}
    </div>
  );
}
