import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { acceptCause, acceptOffer, deskKeys, mergesQuery, refuseCause, refuseOffer, separateVoice, undoCause } from "../../api/desk";
import { problemSentence } from "../../api/problem";
import { keys } from "../../api/queries";
import type { CauseOffer, Join, MergeOffer, Opened } from "../../api/types";
import { useArea, useCan } from "../../app/session";
import { useLiveEntries } from "../../live/LiveProvider";
import { Blank, ErrorBlank, Loading, Sentence } from "../../shared/Blank";
import { useNow } from "../../shared/clock";
import { useTimes } from "../../shared/time";
import { Other, Reasons } from "./Again";
import { CauseCases, parentKeys, proposed, type Parent } from "./Cause";
import { useDeskKeys } from "./keys";
import { Said, Source } from "./Message";
import { Tabs } from "./Tabs";

type Row = { kind: "cause"; key: string; cause: CauseOffer } | { kind: "offer"; key: string; offer: MergeOffer } | { kind: "join"; key: string; join: Join };
type Act = { row: Row; how: "accept" | "refuse" | "separate" | "undo"; parent: Parent };

async function tell({ row, how, parent }: Act): Promise<Opened | null> {
  if (row.kind === "cause") return how === "undo" ? undoCause(row.cause.id) : how === "accept" ? acceptCause(row.cause.id, parent) : refuseCause(row.cause.id);
  if (row.kind === "join") return separateVoice(row.join.case.id, row.join.version, row.join.link.signal_id, row.join.link.part);
  return how === "accept" ? acceptOffer(row.offer.id) : refuseOffer(row.offer.id);
}

/** What the engine joined by itself, and what it offers: each with its reason, each decided by one key. */
export default function Merges() {
  const { t } = useTranslation();
  const { area } = useArea();
  const can = useCan();
  const client = useQueryClient();
  const navigate = useNavigate();
  const query = useQuery(mergesQuery(area.code));
  const [activeKey, setActiveKey] = useState<string | null>(null);
  const [changed, setChanged] = useState(false);
  const [said, setSaid] = useState<{ act: Act; opened: Opened | null } | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const may = can("case.correct");

  // the list does not move by itself under the pointer: what has changed is asked for with "r"
  useLiveEntries((entry) => {
    if (!entry || /^case\.(joined|merged|separated|told_apart|unmerged|cause_offered|cause_refused|hung|unhung)$/.test(entry.action)) setChanged(true);
  });
  const refresh = (): void => {
    setChanged(false);
    void query.refetch();
  };
  const send = useMutation({
    mutationFn: tell,
    onSuccess: async (opened, act) => {
      setSaid({ act, opened });
      await Promise.all([
        client.invalidateQueries({ queryKey: deskKeys.merges(area.code) }), client.invalidateQueries({ queryKey: deskKeys.all }),
        client.invalidateQueries({ queryKey: act.row.kind === "cause" ? ["case"] : keys.case(act.row.kind === "join" ? act.row.join.case.id : act.row.offer.other.id) }),
      ]);
      setChanged(false);
    },
    onError: () => void query.refetch(),
  });
  const [parents, setParents] = useState<Readonly<Record<string, Parent>>>({});
  const parentFor = (row: Row): Parent => (row.kind === "cause" ? parents[row.key] === undefined ? proposed(row.cause) : parents[row.key] ?? null : null);
  const choose = (row: Row) => (parent: Parent): void => setParents((before) => ({ ...before, [row.key]: parent }));
  const rows: Row[] = [
    ...(query.data?.causes ?? []).map((cause): Row => ({ kind: "cause", key: cause.id, cause })),
    ...(query.data?.offers ?? []).map((offer): Row => ({ kind: "offer", key: offer.id, offer })),
    ...(query.data?.joins ?? []).map((join): Row => ({ kind: "join", key: `${join.link.signal_id} ${join.link.part}`, join })),
  ];
  const at = Math.max(0, rows.findIndex((row) => row.key === activeKey));
  const active = rows[at];
  const act = (how: Act["how"], row: Row | undefined = active) => {
    if (!row || !may || send.isPending || (row.kind === "join") !== (how === "separate")) return undefined;
    return () => send.mutate({ row, how, parent: parentFor(row) });
  };
  // what was said of a cause last is taken back by one key
  const last = said && !send.error && said.act.row.kind === "cause" && said.act.how !== "undo" ? said.act : null;
  const undo = last && !send.isPending ? () => send.mutate({ ...last, how: "undo" }) : undefined;
  const move = (by: number) => () => setActiveKey(rows[Math.min(Math.max(at + by, 0), rows.length - 1)]?.key ?? null);
  useDeskKeys({
    ...(may && active?.kind === "cause" ? parentKeys(active.cause, choose(active)) : {}),
    u: undo, x: act("separate"), j: act("accept"), n: act("refuse"), ArrowDown: move(1), ArrowUp: move(-1), k: move(1), "]": move(1), "[": move(-1), r: refresh,
    o: active ? () => void navigate(`/cases/${active.kind === "cause" ? active.cause.cases[0]?.id : active.kind === "join" ? active.join.case.id : (active.offer.case ?? active.offer.other).id}`) : undefined,
  });
  useEffect(() => {
    if (activeKey) box.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }, [activeKey]);

  const data = query.data;
  return (
    <div className="dk" data-testid="merges-page">
      <Tabs at="merges" counts={data ? { merges: { value: rows.length, exact: true } } : undefined}>
        {changed ? <Button type="text" size="small" onClick={refresh}>{t("orders.changed")} <kbd>r</kbd></Button> : null}
        <span className="sw-quiet dk-wide"><kbd>↑</kbd> <kbd>↓</kbd> {t("desk.walk")}{may ? <> · <kbd>x</kbd> {t("desk.separate")} · <kbd>j</kbd> <kbd>n</kbd> {t("desk.merges.decide")}</> : null} · <kbd>o</kbd> {t("desk.to_case")}</span>
      </Tabs>
      {query.isPending ? <Loading rows={12} />
        : query.isError && !data ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} />
        : (
          <div className="dk-merges" ref={box}>
            {send.error ? <Sentence tone="amber"><span data-testid="merges-problem">{problemSentence(t, send.error)}</span></Sentence> : null}
            {said && !send.error ? (
              <Sentence tone="blue">
                <span data-testid="merges-done">{t(`desk.merges.did.${said.act.row.kind === "cause" ? "cause_" : ""}${said.act.how}`, { number: said.opened?.number ?? "" })}</span>
                {said.opened?.visible ? <Link to={`/cases/${said.opened.id}`} className="sw-link">{t("desk.to_case")}</Link> : null}
                {undo ? <button type="button" className="sw-plain sw-link" data-testid="merges-undo" onClick={undo}>{t("desk.undo")} <kbd>u</kbd></button> : null}
              </Sentence>
            ) : null}
            {rows.length === 0 ? <Blank title={t("desk.merges.empty_title")} text={t("desk.merges.empty_text")} testId="merges-empty" /> : null}
            {data && data.causes.length > 0 ? <h2>{t("desk.merges.causes")}<span className="sw-quiet sw-num"> {data.causes.length}</span></h2> : null}
            {rows.map((row, index) => (
              <div key={row.key} className="dk-merge-slot">
                {row.kind === "offer" && rows[index - 1]?.kind !== "offer" ? <h2>{t("desk.merges.offers")}<span className="sw-quiet sw-num"> {data?.offers.length}</span></h2> : null}
                {row.kind === "join" && rows[index - 1]?.kind !== "join" ? <h2>{t("desk.merges.joins")}<span className="sw-quiet sw-num"> {data?.joins.length}</span></h2> : null}
                {row.kind === "cause" ? <OneCause row={row} on={row === active} act={may ? act : undefined} busy={send.isPending} onFocus={() => setActiveKey(row.key)} parent={parentFor(row)} onChoose={may ? choose(row) : undefined} />
                  : row.kind === "offer" ? <Offered row={row} on={row === active} act={may ? act : undefined} busy={send.isPending} onFocus={() => setActiveKey(row.key)} />
                  : <Joined row={row} on={row === active} act={may ? act : undefined} busy={send.isPending} onFocus={() => setActiveKey(row.key)} />}
              </div>
            ))}
          </div>
        )}
    </div>
  );
}

interface RowProps<T extends Row> { row: T; on: boolean; busy: boolean; act: ((how: Act["how"], row: Row) => (() => void) | undefined) | undefined; onFocus: () => void }

interface CauseProps extends RowProps<Extract<Row, { kind: "cause" }>> { parent: Parent; onChoose: ((parent: Parent) => void) | undefined }

function OneCause({ row, on, act, busy, onFocus, parent, onChoose }: CauseProps) {
  const { t } = useTranslation();
  const { cause } = row;
  return (
    <article className="dk-merge" aria-current={on || undefined} data-testid="open-cause" onPointerEnter={onFocus}>
      <CauseCases cause={cause} chosen={parent} onChoose={onChoose} keysShown={on} />
      <div className="dk-merge-foot">
        <span className="dk-chip sw-small">{t("desk.kind.cause")}</span>
        <Reasons offer={{ score: 0, reasons: cause.reasons }} />
        {act ? (
          <span className="dk-merge-do">
            <Button size="small" disabled={busy} data-testid="cause-accept" onClick={act("accept", row)}>{t("desk.join.causes")} {on ? <kbd>j</kbd> : null}</Button>
            <Button size="small" disabled={busy} data-testid="cause-refuse" onClick={act("refuse", row)}>{t("desk.apart.causes")} {on ? <kbd>n</kbd> : null}</Button>
          </span>
        ) : null}
      </div>
    </article>
  );
}

function Offered({ row, on, act, busy, onFocus }: RowProps<Extract<Row, { kind: "offer" }>>) {
  const { t } = useTranslation();
  const { offer } = row;
  return (
    <article className="dk-merge" aria-current={on || undefined} data-testid="open-offer" onPointerEnter={onFocus}>
      <div className="dk-two">
        <div>{offer.case ? <Link to={`/cases/${offer.case.id}`} className="dk-ref"><Other other={offer.case} /></Link> : null}</div>
        <div><Link to={`/cases/${offer.other.id}`} className="dk-ref"><Other other={offer.other} /></Link></div>
      </div>
      <div className="dk-merge-foot">
        <span className="dk-chip sw-small">{t(`desk.kind.${offer.kind}`)}</span>
        <Reasons offer={offer} />
        {act ? (
          <span className="dk-merge-do">
            <Button size="small" disabled={busy} data-testid="offer-accept" onClick={act("accept", row)}>{t(`desk.join.${offer.kind}`)} {on ? <kbd>j</kbd> : null}</Button>
            <Button size="small" disabled={busy} data-testid="offer-refuse" onClick={act("refuse", row)}>{t(`desk.apart.${offer.kind}`)} {on ? <kbd>n</kbd> : null}</Button>
          </span>
        ) : null}
      </div>
    </article>
  );
}

function Joined({ row, on, act, busy, onFocus }: RowProps<Extract<Row, { kind: "join" }>>) {
  const { t } = useTranslation();
  const times = useTimes();
  const now = useNow(30_000);
  const { link, signal, first, case: into } = row.join;
  return (
    <article className="dk-merge" aria-current={on || undefined} data-testid="joined" onPointerEnter={onFocus}>
      <div className="dk-two">
        <div>
          <div className="sw-small sw-quiet">{t("desk.merges.voice")}</div>
          <Source signal={signal} />
          <Said signal={signal} />
        </div>
        <div>
          <div className="sw-small sw-quiet">{t("desk.merges.into")} <Link to={`/cases/${into.id}`} className="sw-link sw-num">{into.number}</Link>{into.voices > 1 ? ` · ${t("case.voices_value", { count: into.voices })}` : ""}</div>
          {first ? <><Source signal={first} /><Said signal={first} /></> : <Other other={into} />}
        </div>
      </div>
      <div className="dk-merge-foot">
        <Reasons offer={{ score: link.score ?? 0, reasons: link.reasons }} />
        <span className="sw-small sw-quiet sw-num">{t("desk.merges.joined_at", { at: times.short(link.joined_at, now) })}</span>
        {act ? <span className="dk-merge-do"><Button size="small" disabled={busy} data-testid="separate" onClick={act("separate", row)}>{t("desk.separate")} {on ? <kbd>x</kbd> : null}</Button></span> : null}
      </div>
    </article>
  );
}
