import { useQuery } from "@tanstack/react-query";
import { Fragment, useState } from "react";
import { useTranslation } from "react-i18next";
import { mappingsQuery } from "../../api/queries";
import type { Import } from "../../api/types";
import { span, useTimes } from "../../shared/time";
import { useMappingTitle } from "./mapping";
import { importProblem } from "./Progress";
import { Quarantine } from "./Quarantine";

const tones = { queued: "sw-neutral", running: "sw-blue", done: "sw-green", failed: "sw-red" } as const;

export function History({ items }: { items: Import[] }) {
  const { t, i18n } = useTranslation();
  const times = useTimes();
  const mappings = useQuery(mappingsQuery).data;
  const titleOf = useMappingTitle();
  const mappingTitle = (name: string): string => {
    const mapping = mappings?.find((each) => each.name === name);
    return mapping ? titleOf(mapping) : name;
  };
  const [open, setOpen] = useState<string | null>(null);
  const format = new Intl.NumberFormat(i18n.language);
  return (
    <div className="im-scroll">
      <table className="sw-table">
        <thead>
          <tr>
            <th scope="col">{t("imports.col_at")}</th>
            <th scope="col">{t("imports.col_file")}</th>
            <th scope="col">{t("imports.col_mapping")}</th>
            <th scope="col">{t("imports.col_state")}</th>
            <th scope="col" className="im-right">{t("imports.rows_read")}</th>
            <th scope="col" className="im-right">{t("imports.rows_new")}</th>
            <th scope="col" className="im-right">{t("imports.rows_known")}</th>
            <th scope="col" className="im-right">{t("imports.rows_bad")}</th>
            <th scope="col">{t("imports.col_took")}</th>
            <th scope="col">{t("imports.col_by")}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((one) => (
            <Fragment key={one.id}>
              <tr data-testid="import-row">
                <td className="sw-num">{times.stamp(one.created_at)}</td>
                <td className="sw-cut" title={one.file_name}>{one.file_name}</td>
                <td className="sw-cut sw-quiet">{mappingTitle(one.mapping)}</td>
                <td className={tones[one.state]} title={importProblem(t, one) ?? undefined}>{t(`imports.state_${one.state}`)}</td>
                <td className="im-right sw-num">{format.format(one.rows_read)}</td>
                <td className="im-right sw-num">{format.format(one.rows_new)}</td>
                <td className="im-right sw-num">{format.format(one.rows_known)}</td>
                <td className="im-right sw-num">
                  {one.rows_bad > 0 ? (
                    <button type="button" className="sw-plain sw-link sw-amber" aria-expanded={open === one.id} data-testid="show-quarantine"
                      onClick={() => setOpen(open === one.id ? null : one.id)}>
                      {open === one.id ? t("imports.hide") : t("imports.quarantine_show", { count: one.rows_bad })}
                    </button>
                  ) : 0}
                </td>
                <td className="sw-num sw-quiet">{took(one) === null ? "—" : took(one)! < 60_000 ? t("time.seconds", { count: Math.max(1, Math.round(took(one)! / 1000)) }) : span(t, took(one)!)}</td>
                <td className="sw-cut sw-quiet">{one.by ?? t("common.system")}</td>
              </tr>
              {one.state === "failed" && one.problem ? (
                <tr className="im-why"><td colSpan={10} className="sw-small sw-red">{importProblem(t, one)}</td></tr>
              ) : null}
              {open === one.id ? <tr className="im-why"><td colSpan={10}><Quarantine id={one.id} /></td></tr> : null}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function took(one: Import): number | null {
  return one.finished_at ? Date.parse(one.finished_at) - Date.parse(one.created_at) : null;
}
