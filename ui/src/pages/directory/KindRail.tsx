import { useTranslation } from "react-i18next";
import { Link, NavLink } from "react-router";
import type { Kind } from "../../api/directory";
import { useCan } from "../../app/session";
import { GROUPS, kindName } from "./kinds";

/** The kinds of records with how many there are, in groups; below, the way in and out. */
export function KindRail({ kinds, active }: { kinds: Kind[]; active: string | null }) {
  const { t, i18n } = useTranslation();
  const can = useCan();
  const format = new Intl.NumberFormat(i18n.language);
  const grouped = new Set(GROUPS.flatMap(([, names]) => names));
  const rest = kinds.filter(({ kind }) => !grouped.has(kind)).map(({ kind }) => kind);
  return (
    <nav className="di-kinds" aria-label={t("dir.kinds")}>
      <h1 className="di-title">{t("dir.title")}</h1>
      {[...GROUPS, ["other", rest] as const].map(([group, names]) => {
        const shown = names.flatMap((name) => kinds.filter(({ kind }) => kind === name));
        return shown.length === 0 ? null : (
          <section key={group}>
            <h2 className="di-group sw-small sw-quiet">{t(`dir.group.${group}`)}</h2>
            {shown.map((kind) => (
              <Link key={kind.kind} to={`/directory?kind=${kind.kind}`} className="di-kind" data-testid={`kind-${kind.kind}`}
                aria-current={kind.kind === active ? "page" : undefined}>
                <span className="sw-cut">{kindName(kind, i18n.language)}</span>
                <span className="sw-num sw-quiet sw-small">{format.format(kind.count)}</span>
              </Link>
            ))}
          </section>
        );
      })}
      {can("directory.write") || can("directory.export") ? (
        <section>
          <h2 className="di-group sw-small sw-quiet">{t("dir.group.moving")}</h2>
          <NavLink to="/directory/folder" className="di-kind" data-testid="folder-link">{t("dir.folder.nav")}</NavLink>
        </section>
      ) : null}
    </nav>
  );
}
