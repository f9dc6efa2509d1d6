import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { acceptCause, acceptOffer, correctCase, deskKeys, refuseCause, refuseOffer, separateVoice, unmergeCase, versionOf, whyQuery } from "../../api/desk";
import { problemSentence } from "../../api/problem";
import { keys } from "../../api/queries";
import type { CaseRef, CaseView, CauseOffer, Correction, Link as VoiceLink, Opened, Understanding } from "../../api/types";
import { ErrorBlank, Sentence } from "../../shared/Blank";
import type { Times } from "../../shared/time";
import { useReasonWords } from "../../shared/Why";
import { Other, Reasons } from "../desk/Again";
import { Bar } from "../desk/Category";
import { CauseCases, proposed, type Parent } from "../desk/Cause";
import { CorrectClass, CorrectPlace, Hang, type Do } from "./Correct";
import { Split } from "./Split";
import "../desk/desk.css";
import "./why.css";

interface Props { view: CaseView; times: Times }

/** What is less likely is not worth a line. */
const WORTH = 0.01;

/** What is done here changes the case, the desk, and the other case. */
function useDo(id: string): { run: Do; said: string | null; error: unknown; busy: boolean } {
  const client = useQueryClient();
  const [said, setSaid] = useState<string | null>(null);
  const send = useMutation({
    mutationFn: async ({ call, words }: { call: () => Promise<unknown>; words: (answer: unknown) => string }) => words(await call()),
    onSuccess: (words) => setSaid(words),
    onSettled: () => Promise.all([
      client.invalidateQueries({ queryKey: keys.case(id) }), client.invalidateQueries({ queryKey: deskKeys.all }), client.invalidateQueries({ queryKey: ["merges"] }),
    ]),
  });
  return {
    run: (call, words) => {
      setSaid(null);
      send.mutate({ call, words });
    },
    said, error: send.error, busy: send.isPending,
  };
}

const numberOf = (answer: unknown): string => (answer as Opened).number;

/** Why this category, this place, this urgency, these voices; each can be corrected here. */
export function Why({ view, times }: Props) {
  const { t } = useTranslation();
  const query = useQuery(whyQuery(view.id));
  const { run, said, error, busy } = useDo(view.id);
  const known = query.data;
  return (
    <section className="cw" aria-label={t("whys.title")} data-testid="why-panel">
      <h2>{t("whys.title")}</h2>
      {error ? <Sentence tone="amber"><span data-testid="why-problem">{problemSentence(t, error)}</span></Sentence> : null}
      {said && !error ? <Sentence tone="blue"><span data-testid="why-said">{said}</span></Sentence> : null}
      {known ? <Parts view={view} known={known} times={times} run={run} busy={busy} />
        : query.isError ? <ErrorBlank error={query.error} onRetry={() => void query.refetch()} /> : <div className="cw-wait" />}
    </section>
  );
}

function Part({ name, children }: { name: string; children: ReactNode }) {
  return <div className="cw-part"><h3 className="sw-small sw-quiet">{name}</h3>{children}</div>;
}

interface PartsProps { view: CaseView; known: Understanding; times: Times; run: Do; busy: boolean }

function Parts({ view, known, times, run, busy }: PartsProps) {
  const { t } = useTranslation();
  const reasons = useReasonWords();
  const heavy = reasons(known.matter);
  const may = known.may_correct && known.merged_into === null;
  return (
    <>
      {known.doubts.length > 0 && known.may_correct ? (
        <p className="sw-small sw-amber" data-testid="why-doubts">
          {t("whys.doubt", { list: known.doubts.map((doubt) => t(`desk.doubt.${doubt}`)).join(t("common.list")) })}{" "}
          <Link to="/desk" className="sw-link">{t("whys.to_desk")}</Link>
        </p>
      ) : null}
      <Category view={view} known={known} run={run} busy={busy} may={may} />
      <Place view={view} known={known} run={run} busy={busy} may={may} />
      {known.urgent_why ? <Part name={t("whys.urgent")}>{reasons(known.urgent_why).map((one) => <p key={one} className="sw-small sw-red">{one}</p>)}</Part> : null}
      {heavy.length > 0 ? <Part name={t("whys.matter")}>{heavy.map((one) => <p key={one} className="sw-small">{one}</p>)}</Part> : null}
      <Offers view={view} known={known} run={run} busy={busy} may={may} />
      <Voices view={view} known={known} times={times} run={run} busy={busy} may={may} />
      <Family view={view} known={known} run={run} busy={busy} may={may} />
    </>
  );
}

type PartProps = Omit<PartsProps, "times"> & { may: boolean };

function useCorrect(known: Understanding, run: Do) {
  const { t } = useTranslation();
  return (body: Omit<Correction, "settled">, words = t("whys.saved")) =>
    run(() => correctCase(known.id, known.version, { ...body, settled: [] }), () => words);
}

function Category({ view, known, run, busy, may }: PartProps) {
  const { t } = useTranslation();
  const reasons = useReasonWords();
  const [open, setOpen] = useState(false);
  const correct = useCorrect(known, run);
  const own = view.category;
  const others = known.categories.filter((one) => one.code !== own?.code && one.confidence >= WORTH).slice(0, own ? 2 : 3);
  return (
    <Part name={t("whys.category")}>
      <div className="cw-line" data-testid="why-category">
        <span>{own?.name ?? <span className="sw-quiet">{t("case.no_category")}</span>}</span>
        {known.categories.find((one) => one.code === own?.code) ? <Bar share={known.categories.find((one) => one.code === own?.code)?.confidence ?? 0} /> : null}
      </div>
      {reasons(view.category_why).map((one) => <p key={one} className="sw-small sw-quiet" data-testid="why-category-words">{one}</p>)}
      {others.length > 0 ? (
        <ul className="cw-others sw-small">
          {others.map((one) => (
            <li key={`${one.scheme}:${one.code}`} className="cw-line">
              <span className="sw-quiet">{own ? `${t("whys.others")} ` : ""}{one.name}</span>
              <Bar share={one.confidence} />
              {may ? <Button size="small" type="text" disabled={busy} onClick={() => correct({ category: `${one.scheme}:${one.code}` })}>{t("whys.take")}</Button> : null}
            </li>
          ))}
        </ul>
      ) : null}
      {!may ? null : open ? (
        <CorrectClass onCancel={() => setOpen(false)} onPick={(cls) => {
          setOpen(false);
          correct({ category: `${cls.scheme}:${cls.code}` });
        }} />
      ) : (
        <div className="cw-do">
          {own ? <Button size="small" disabled={busy} data-testid="confirm-category" onClick={() => correct({ category: `${own.scheme}:${own.code}` }, t("whys.confirmed"))}>{t("whys.right")}</Button> : null}
          <Button size="small" disabled={busy} data-testid="correct-category" onClick={() => setOpen(true)}>{t("whys.correct")}</Button>
        </div>
      )}
    </Part>
  );
}

function Place({ view, known, run, busy, may }: PartProps) {
  const { t } = useTranslation();
  const reasons = useReasonWords();
  const [open, setOpen] = useState(false);
  const correct = useCorrect(known, run);
  return (
    <Part name={t("whys.place")}>
      <div data-testid="why-place">{view.place_text ?? view.grid?.name ?? <span className="sw-quiet">{t("cases.place_unknown")}</span>}</div>
      {reasons(view.place_why).map((one) => <p key={one} className="sw-small sw-quiet">{one}</p>)}
      {!may ? null : open ? (
        <CorrectPlace view={view} places={known.places} onCancel={() => setOpen(false)} onPick={(where) => {
          setOpen(false);
          correct(where);
        }} />
      ) : <div className="cw-do"><Button size="small" disabled={busy} data-testid="correct-place" onClick={() => setOpen(true)}>{t("whys.correct")}</Button></div>}
    </Part>
  );
}

function Offers({ known, run, busy, may }: PartProps) {
  const { t } = useTranslation();
  if (known.offers.length === 0 && known.causes.length === 0) return null;
  return (
    <Part name={t("whys.offers")}>
      {known.causes.map((cause) => <OneCause key={cause.id} cause={cause} run={run} busy={busy} may={may} />)}
      {known.offers.map((offer) => (
        <div key={offer.id} className="cw-offer" data-testid="case-offer">
          <Link to={`/cases/${offer.other.id}`} className="dk-ref"><Other other={offer.other} /></Link>
          <Reasons offer={offer} />
          {may ? (
            <div className="cw-do">
              <Button size="small" disabled={busy} onClick={() => run(() => acceptOffer(offer.id), (answer) => t("whys.joined", { number: numberOf(answer) }))}>{t(`desk.join.${offer.kind}`)}</Button>
              <Button size="small" disabled={busy} onClick={() => run(() => refuseOffer(offer.id), () => t("whys.apart"))}>{t(`desk.apart.${offer.kind}`)}</Button>
            </div>
          ) : null}
        </div>
      ))}
    </Part>
  );
}

function OneCause({ cause, run, busy, may }: { cause: CauseOffer } & Pick<PartProps, "run" | "busy" | "may">) {
  const { t } = useTranslation();
  const [parent, setParent] = useState<Parent>(proposed(cause));
  return (
    <div className="cw-offer" data-testid="case-cause">
      <p className="sw-small">{t("desk.ask.causes")}</p>
      <CauseCases cause={cause} chosen={parent} onChoose={may ? setParent : undefined} keysShown={false} />
      <Reasons offer={{ score: 0, reasons: cause.reasons }} />
      {may ? (
        <div className="cw-do">
          <Button size="small" disabled={busy} onClick={() => run(() => acceptCause(cause.id, parent), (answer) => t("whys.hung", { number: numberOf(answer) }))}>{t("desk.join.causes")}</Button>
          <Button size="small" disabled={busy} onClick={() => run(() => refuseCause(cause.id), () => t("whys.apart"))}>{t("desk.apart.causes")}</Button>
        </div>
      ) : null}
    </div>
  );
}

function Voices({ view, known, times, run, busy, may }: PartProps & { times: Times }) {
  const { t } = useTranslation();
  const many = known.links.filter((link) => link.why !== "same_upstream_item").length > 1;
  if (known.links.length === 0) return null;
  const separate = (link: VoiceLink) => run(() => separateVoice(known.id, known.version, link.signal_id, link.part), (answer) => t("whys.separated", { number: numberOf(answer) }));
  return (
    <Part name={t("whys.voices")}>
      <ol className="cw-voices sw-small">
        {known.links.map((link) => {
          const signal = view.signals.find((one) => one.id === link.signal_id);
          return (
            <li key={`${link.signal_id} ${link.part}`} data-testid="voice-why" data-why={link.why}>
              <div className="cw-line">
                <span className="sw-cut"><b>{signal?.source.name}</b>{signal?.title ? ` ${signal.title}` : ""}</span>
                <span className="sw-quiet sw-num">{times.stamp(signal?.reported_at ?? link.joined_at)}</span>
              </div>
              <div className="cw-line">
                <span className="sw-quiet">
                  {t(`whys.link.${link.why}`, { defaultValue: t("whys.link_other", { code: link.why }) })}
                  {link.part > 0 ? ` · ${t("whys.part", { n: link.part + 1 })}` : ""}
                </span>
                {may && many && link.why !== "same_upstream_item" ? <Button size="small" type="text" disabled={busy} data-testid="separate-voice" onClick={() => separate(link)}>{t("whys.separate")}</Button> : null}
              </div>
              {link.reasons.length > 0 ? <Reasons offer={{ score: link.score ?? 0, reasons: link.reasons }} /> : null}
            </li>
          );
        })}
      </ol>
      {may && view.state !== "closed" ? <Split view={view} known={known} run={run} busy={busy} /> : null}
    </Part>
  );
}

function Ref({ one, children }: { one: CaseRef; children?: ReactNode }) {
  return <div className="cw-line"><Link to={`/cases/${one.id}`} className="sw-cut"><span className="sw-num sw-quiet">{one.number}</span> {one.title}</Link>{children}</div>;
}

function Family({ view, known, run, busy, may }: PartProps) {
  const { t } = useTranslation();
  const empty = known.merged.length === 0 && known.children.length === 0 && known.parent === null;
  if (empty && !may) return null;
  return (
    <Part name={t("whys.family")}>
      {known.merged.length > 0 ? <p className="sw-small sw-quiet">{t("whys.merged")}</p> : null}
      {known.merged.map((one) => (
        <Ref key={one.id} one={one}>
          {may ? (
            <Button size="small" disabled={busy} data-testid="unmerge"
              onClick={() => run(async () => unmergeCase(one.id, await versionOf(one.id)), () => t("whys.unmerged", { number: one.number }))}>{t("whys.undo")}</Button>
          ) : null}
        </Ref>
      ))}
      {known.parent ? <p className="sw-small sw-quiet">{t("whys.parent")}</p> : null}
      {known.parent ? <Ref one={known.parent} /> : null}
      {known.children.length > 0 ? <p className="sw-small sw-quiet">{t("whys.children")}</p> : null}
      {known.children.map((one) => <Ref key={one.id} one={one} />)}
      {may && known.children.length === 0 ? <Hang known={known} area={view.area} run={run} busy={busy} /> : null}
    </Part>
  );
}

/** Above everything: this case is part of another now. */
export function MergedInto({ view }: { view: CaseView }) {
  const { t } = useTranslation();
  const known = useQuery(whyQuery(view.id)).data;
  const { run, error, busy } = useDo(view.id);
  const into = known?.merged_into;
  if (!known || !into) return null;
  return (
    <div className="cw-banner" data-testid="merged-into">
      <Sentence tone="blue">
        <span>{t("whys.merged_into", { number: into.number })}</span>
        <Link to={`/cases/${into.id}`} className="sw-link">{into.title}</Link>
        {known.may_correct ? <Button size="small" loading={busy} data-testid="unmerge" onClick={() => run(() => unmergeCase(known.id, known.version), () => "")}>{t("whys.undo")}</Button> : null}
        {error ? <span className="sw-red">{problemSentence(t, error)}</span> : null}
      </Sentence>
    </div>
  );
}
