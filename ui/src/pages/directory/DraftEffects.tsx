import { Button } from "antd";
import { useTranslation } from "react-i18next";
import type { Effect, Kind, Preview } from "../../api/directory";
import { drop, useDraft, type DraftItem } from "./draft";
import { FieldChanges } from "./FieldChanges";
import { kindName } from "./kinds";
import type { Looking } from "./params";

interface Props { kinds: Kind[]; items: readonly DraftItem[]; preview: Preview | undefined; look: (change: Partial<Looking>) => void }

/** Each change of the draft with what it would do, to be mended or taken out. */
export function DraftEffects({ kinds, items, preview, look }: Props) {
  const { t } = useTranslation();
  const pairs = pairsOf(items, preview?.effects ?? []);
  return (
    <ul className="di-effects">
      {pairs.map(({ item, effect }) => (
        <Item key={item.id} kinds={kinds} item={item} effect={effect} previewed={preview !== undefined} look={look} />
      ))}
      {pairs.length === 0 ? <li className="sw-quiet">{t("dir.review.nothing")}</li> : null}
    </ul>
  );
}

/** New records whose code the server gives are met in their order. */
function pairsOf(items: readonly DraftItem[], effects: readonly Effect[]): { item: DraftItem; effect: Effect | undefined }[] {
  const free = effects.filter((effect) => effect.op === "new");
  return items.map((item) => {
    if (item.code) return { item, effect: effects.find((one) => one.kind === item.kind && one.code === item.code) };
    const at = free.findIndex((one) => one.kind === item.kind);
    return { item, effect: at < 0 ? undefined : free.splice(at, 1)[0] };
  });
}

interface ItemProps { kinds: Kind[]; item: DraftItem; effect: Effect | undefined; previewed: boolean; look: (change: Partial<Looking>) => void }

function Item({ kinds, item, effect, previewed, look }: ItemProps) {
  const { t, i18n } = useTranslation();
  const { key } = useDraft();
  const kind = kinds.find((one) => one.kind === item.kind);
  if (!kind) return null;
  const isNew = item.version === null;
  const op = effect?.op ?? (item.op === "end" ? "ended" : isNew ? "new" : "changed");
  const edit = (): void => look(isNew
    ? { kind: item.kind, code: null, mode: "new", item: item.id, q: "" }
    : { kind: item.kind, code: item.code, mode: "edit", item: null, q: "" });
  return (
    <li className="di-effect" data-testid="effect" data-op={op}>
      <div className="di-effect-head">
        <span className={`di-op di-op-${op} sw-small`}>{t(`dir.op.${op}`)}</span>
        <strong className="sw-cut">{effect?.title ?? item.title}</strong>
        <span className="sw-small sw-quiet sw-num sw-cut">{kindName(kind, i18n.language)} {effect?.code ?? item.code}</span>
        <span className="di-effect-do">
          {item.op === "put" ? <Button size="small" type="text" onClick={edit}>{t("dir.review.mend")}</Button> : null}
          <Button size="small" type="text" data-testid="drop" onClick={() => drop(key, item.id)}>{t("dir.draft.drop")}</Button>
        </span>
      </div>
      {effect && op !== "ended" ? <FieldChanges kind={kind} fields={effect.fields} only={op === "new"} /> : null}
      {isNew && effect && op !== "new" ? <p className="sw-amber">{t("dir.review.exists")}</p> : null}
      {op === "ended" ? <p className="sw-quiet">{t("dir.review.ends")}</p> : null}
      {previewed && !effect ? <p className="sw-quiet">{t("dir.review.no_effect")}</p> : null}
    </li>
  );
}
