import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { offersQuery } from "../../api/dispatch";
import { Problem, problemSentence } from "../../api/problem";
import { actOnMany, directoryQuery } from "../../api/queries";
import type { BulkOffer, BulkResult, CaseRow, ProblemBody } from "../../api/types";
import { useArea } from "../../app/session";
import { patchRow } from "../../live/apply";
import type { Selection } from "./selection";

const DispatchPanel = lazy(() => import("./DispatchPanel"));

/** The server is asked of so many at most; the rest of a longer selection waits for the next time. */
const MOST = 200;

interface Props { rows: CaseRow[]; selection: Selection }
interface Draft { unit?: string; note: string; ground?: string; outcome?: string }

const keyOf = ({ action, result }: BulkOffer): string => (result ? `${action}_${result}` : action);

/** What may be done with the selected cases, as the server says by the loop's table. */
export function BulkBar({ rows, selection }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [open, setOpen] = useState<string | null>(null);
  const [each, setEach] = useState<string[] | null>(null);
  const [draft, setDraft] = useState<Draft>({ note: "" });
  const selected = rows.filter((row) => selection.ids.has(row.id)).slice(0, MOST);
  const query = useQuery({ ...offersQuery(selected), enabled: selected.length > 0, placeholderData: (before) => before });
  const offers = selected.length > 0 ? (query.data?.offers ?? []) : [];
  const fitting = (offer: BulkOffer): CaseRow[] => selected.filter(({ id }) => offer.ids.includes(id));
  const offer = offers.find((one) => keyOf(one) === open);

  const run = useMutation({
    mutationFn: (taken: BulkOffer) =>
      actOnMany(taken.action, {
        items: fitting(taken).map(({ id, version }) => ({ id, version })),
        note: draft.note.trim() || undefined,
        result: taken.result ?? undefined,
        ...(asks(taken, "unit") ? { unit: draft.unit } : {}),
        ...(asks(taken, "ground") ? { ground: draft.ground } : {}),
        ...(asks(taken, "outcome") ? { outcome: draft.outcome } : {}),
      }),
    onSuccess: (result) => {
      for (const row of result.done) patchRow(client, row.id, row);
      selection.setAll(result.refused.map(({ id }) => id));
      setOpen(null);
      setDraft({ note: "" });
    },
  });
  const ran = run.variables;
  if (selected.length === 0 && !run.data && !each) return null;
  const word = (taken: BulkOffer): string => t(`action.${keyOf(taken)}`);
  const lacks = (taken: BulkOffer): boolean =>
    (taken.needs.includes("unit") && !draft.unit) || (taken.needs.includes("note") && !draft.note.trim()) ||
    (taken.needs.includes("ground") && !draft.ground) || (taken.needs.includes("outcome") && !draft.outcome);
  return (
    <section className="cs-bulk" data-testid="bulk-bar" aria-label={t("bulk.selected", { count: selected.length })}>
      {run.data && ran ? <Outcome result={run.data} word={word(ran)} onClose={run.reset} /> : null}
      {run.error || query.error ? <p className="sw-red">{problemSentence(t, run.error ?? query.error)}</p> : null}
      {each ? (
        <Suspense fallback={null}>
          <DispatchPanel ids={each} onClose={() => setEach(null)}
            onSent={(left) => {
              selection.setAll(left);
              setEach(null);
            }} />
        </Suspense>
      ) : null}
      {selected.length > 0 ? (
        <div className="cs-bulk-line">
          <strong className="sw-num">{t("bulk.selected", { count: selected.length })}</strong>
          {offer ? (
            <>
              <Inputs offer={offer} draft={draft} onChange={(change) => setDraft((before) => ({ ...before, ...change }))} />
              <Button type="primary" disabled={lacks(offer)} loading={run.isPending} data-testid="bulk-submit" onClick={() => run.mutate(offer)}>
                {word(offer)} <span className="sw-num">{fitting(offer).length}</span>
              </Button>
              <Button onClick={() => setOpen(null)}>{t("common.cancel")}</Button>
            </>
          ) : (
            <>
              {offers.map((one) => (
                <span key={keyOf(one)} className="cs-bulk-offer">
                  {one.action === "dispatch" ? (
                    <Button type="primary" data-testid="bulk-dispatch-each" onClick={() => setEach(one.ids)}>
                      {t("dispatching.each")} <span className="sw-num">{one.ids.length}</span>
                    </Button>
                  ) : null}
                  <Button data-testid={`bulk-${one.result === "pass" ? one.action : keyOf(one).replaceAll("_", "-")}`}
                    onClick={() => {
                      run.reset();
                      setDraft({ note: "" });
                      setOpen(keyOf(one));
                    }}>
                    {word(one)} <span className="sw-num sw-quiet">{fitting(one).length}</span>
                  </Button>
                </span>
              ))}
              {offers.length === 0 && !query.isPending ? <span className="sw-quiet">{t("bulk.none")}</span> : null}
            </>
          )}
          <Button type="text" className="cs-bulk-clear" onClick={selection.clear}>{t("bulk.clear")}</Button>
        </div>
      ) : null}
    </section>
  );
}

const asks = (offer: BulkOffer, what: string): boolean => offer.needs.includes(what) || offer.takes.includes(what);

interface InputsProps { offer: BulkOffer; draft: Draft; onChange: (change: Partial<Draft>) => void }

/** What the action asks for, the same for all. */
function Inputs({ offer, draft, onChange }: InputsProps) {
  const { t } = useTranslation();
  const { area } = useArea();
  const directory = useQuery(directoryQuery(area.code)).data;
  const must = offer.needs.includes("note");
  return (
    <>
      {asks(offer, "unit") ? (
        <Select className="cs-bulk-unit" placeholder={t("bulk.unit")} aria-label={t("bulk.unit")} value={draft.unit} onChange={(unit: string) => onChange({ unit })} data-testid="bulk-unit"
          showSearch={{ optionFilterProp: "label" }} placement="topLeft"
          options={(directory?.units ?? []).filter(({ tier }) => tier !== "district" && tier !== "street").map(({ code, name }) => ({ value: code, label: name }))} />
      ) : null}
      {asks(offer, "ground") ? (
        <Select className="cs-bulk-unit" placeholder={t("bulk_more.ground")} aria-label={t("bulk_more.ground")} value={draft.ground} onChange={(ground: string) => onChange({ ground })} data-testid="bulk-ground"
          placement="topLeft" options={offer.grounds.map((code) => ({ value: code, label: t(`ground.${offer.action}.${code}`) }))} />
      ) : null}
      {asks(offer, "outcome") ? (
        <Select className="cs-bulk-unit" placeholder={t("bulk_more.outcome")} aria-label={t("bulk_more.outcome")} value={draft.outcome} onChange={(outcome: string) => onChange({ outcome })} data-testid="bulk-outcome-pick"
          placement="topLeft" options={offer.outcomes.map(({ code }) => ({ value: code, label: t(`outcome.${code}`) }))} />
      ) : null}
      {asks(offer, "note") ? (
        <Input className="cs-bulk-note" placeholder={t(must ? "bulk_more.need_note" : "bulk.note_optional")} aria-label={t("bulk.note")} value={draft.note} data-testid="bulk-note"
          onChange={(event) => onChange({ note: event.target.value })} />
      ) : null}
    </>
  );
}

/** What was done, and for each refused case its sentence. */
function Outcome({ result, word, onClose }: { result: BulkResult; word: string; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="cs-outcome" role="status" data-testid="bulk-outcome">
      <div className="cs-bulk-line">
        {result.done.length > 0 ? <span>{t("bulk.done", { count: result.done.length, action: word })}</span> : null}
        {result.refused.length > 0 ? <span className="sw-amber">{t("bulk.refused", { count: result.refused.length, action: word })}</span> : null}
        <Button type="text" size="small" className="cs-bulk-clear" onClick={onClose}>{t("common.close")}</Button>
      </div>
      <Refused refused={result.refused} />
    </div>
  );
}

export function Refused({ refused }: { refused: BulkResult["refused"] }) {
  const { t } = useTranslation();
  return (
    <ul className="cs-refused">
      {refused.map(({ id, number, problem }) => (
        <li key={id}><span className="sw-num sw-quiet">{number}</span> {problemSentence(t, new Problem(problem as unknown as ProblemBody))}</li>
      ))}
    </ul>
  );
}
