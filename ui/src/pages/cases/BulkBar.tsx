import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Problem, problemSentence } from "../../api/problem";
import { actOnMany, directoryQuery } from "../../api/queries";
import type { ActionName, BulkResult, CaseRow, CaseState, ProblemBody } from "../../api/types";
import { useArea, useCan } from "../../app/session";
import { patchRow } from "../../live/apply";
import type { Selection } from "./selection";

/** From which state each action leads on; "report" needs words and photos per case, so it is not here. */
const FROM: [ActionName, CaseState][] = [
  ["accept", "received"], ["dispatch", "accepted"], ["start", "dispatched"], ["verify", "reported"], ["close", "verified"],
];

interface Props { rows: CaseRow[]; selection: Selection }

export function BulkBar({ rows, selection }: Props) {
  const { t } = useTranslation();
  const can = useCan();
  const { area } = useArea();
  const client = useQueryClient();
  const directory = useQuery(directoryQuery(area.code)).data;
  const [action, setAction] = useState<ActionName | null>(null);
  const [unit, setUnit] = useState<string>();
  const [note, setNote] = useState("");
  const selected = rows.filter((row) => selection.ids.has(row.id));
  const fitting = (name: ActionName): CaseRow[] => {
    const from = FROM.find(([each]) => each === name)?.[1];
    return selected.filter((row) => row.state === from);
  };
  const offers = FROM.filter(([name]) => can(`case.${name}`) && fitting(name).length > 0).map(([name]) => name);

  const run = useMutation({
    mutationFn: (name: ActionName) =>
      actOnMany(name, {
        items: fitting(name).map(({ id, version }) => ({ id, version })),
        unit: name === "dispatch" ? unit : undefined,
        note: note.trim() || undefined,
        result: name === "verify" ? "pass" : undefined,
      }),
    onSuccess: (result) => {
      for (const row of result.done) patchRow(client, row.id, row);
      selection.setAll(result.refused.map(({ id }) => id));
      setAction(null);
      setNote("");
      setUnit(undefined);
    },
  });
  const ran = run.variables;
  if (selected.length === 0 && !run.data) return null;
  const word = (name: ActionName): string => t(name === "verify" ? "action.verify_pass" : `action.${name}`);
  const ready = action !== null && (action !== "dispatch" || unit !== undefined);
  return (
    <section className="cs-bulk" data-testid="bulk-bar" aria-label={t("bulk.selected", { count: selected.length })}>
      {run.data && ran ? <Outcome result={run.data} word={word(ran)} onClose={run.reset} /> : null}
      {run.error ? <p className="sw-red">{problemSentence(t, run.error)}</p> : null}
      {selected.length > 0 ? (
        <div className="cs-bulk-line">
          <strong className="sw-num">{t("bulk.selected", { count: selected.length })}</strong>
          {action === null ? (
            <>
              {offers.map((name) => (
                <Button key={name} data-testid={`bulk-${name}`}
                  onClick={() => {
                    run.reset();
                    setAction(name);
                  }}>
                  {word(name)} <span className="sw-num sw-quiet">{fitting(name).length}</span>
                </Button>
              ))}
              {offers.length === 0 ? <span className="sw-quiet">{t("bulk.none")}</span> : null}
            </>
          ) : (
            <>
              {action === "dispatch" ? (
                <Select className="cs-bulk-unit" placeholder={t("bulk.unit")} aria-label={t("bulk.unit")} value={unit} onChange={setUnit} data-testid="bulk-unit"
                  showSearch={{ optionFilterProp: "label" }} placement="topLeft"
                  options={(directory?.units ?? []).filter(({ tier }) => tier !== "district" && tier !== "street").map(({ code, name }) => ({ value: code, label: name }))} />
              ) : null}
              <Input className="cs-bulk-note" placeholder={t("bulk.note_optional")} aria-label={t("bulk.note")} value={note}
                onChange={(event) => setNote(event.target.value)} />
              <Button type="primary" disabled={!ready} loading={run.isPending} data-testid="bulk-submit" onClick={() => run.mutate(action)}>
                {word(action)} <span className="sw-num">{fitting(action).length}</span>
              </Button>
              <Button onClick={() => setAction(null)}>{t("common.cancel")}</Button>
            </>
          )}
          <Button type="text" className="cs-bulk-clear" onClick={selection.clear}>{t("bulk.clear")}</Button>
        </div>
      ) : null}
    </section>
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
      <ul className="cs-refused">
        {result.refused.map(({ id, number, problem }) => (
          <li key={id}><span className="sw-num sw-quiet">{number}</span> {problemSentence(t, new Problem(problem as unknown as ProblemBody))}</li>
        ))}
      </ul>
    </div>
  );
}
