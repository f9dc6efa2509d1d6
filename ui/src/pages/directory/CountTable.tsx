import { useTranslation } from "react-i18next";
import type { EffectCount, Kind } from "../../api/directory";
import { kindName } from "./kinds";

const OPS = ["new", "changed", "ended", "revived"] as const;

/** Kind by kind, how many records would be new, changed, ended, revived. */
export function CountTable({ kinds, counts }: { kinds: Kind[]; counts: EffectCount[] }) {
  const { t, i18n } = useTranslation();
  const format = new Intl.NumberFormat(i18n.language);
  const touched = [...new Set(counts.map(({ kind }) => kind))];
  const count = (kind: string, op: string): number => counts.find((one) => one.kind === kind && one.op === op)?.count ?? 0;
  if (touched.length === 0) return null;
  return (
    <table className="di-counts" data-testid="counts">
      <thead>
        <tr><th scope="col">{t("dir.kinds")}</th>{OPS.map((op) => <th key={op} scope="col">{t(`dir.op.${op}`)}</th>)}</tr>
      </thead>
      <tbody>
        {touched.map((kind) => {
          const known = kinds.find((one) => one.kind === kind);
          return (
            <tr key={kind} data-testid={`count-${kind}`}>
              <th scope="row">{known ? kindName(known, i18n.language) : kind}</th>
              {OPS.map((op) => <td key={op} className={`sw-num ${count(kind, op) ? "" : "sw-quiet"}`}>{count(kind, op) ? format.format(count(kind, op)) : "—"}</td>)}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
