import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { previewRoles, rolesQuery, setRoles } from "../../api/accounts";
import type { Person } from "../../api/types";
import { Sentence } from "../../shared/Blank";
import { useChange } from "./useChange";

/** Give and withdraw roles: first what would change, then the change. */
export function RolesForm({ person }: { person: Person }) {
  const { t, i18n } = useTranslation();
  const { busy, problem, setProblem, change } = useChange();
  const all = useQuery(rolesQuery).data?.items ?? [];
  const [wanted, setWanted] = useState<string[]>(person.roles);
  const [preview, setPreview] = useState<{ gained: string[]; lost: string[] } | null>(null);
  const same = wanted.length === person.roles.length && wanted.every((role) => person.roles.includes(role));
  function toggle(role: string): void {
    setPreview(null);
    setProblem(null);
    setWanted(wanted.includes(role) ? wanted.filter((one) => one !== role) : [...wanted, role]);
  }
  const words = (capabilities: string[]): string =>
    capabilities.map((one) => t(`capability.${one.replace(".", "_")}`, { defaultValue: one })).join(t("common.list")) || t("common.none");
  return (
    <section className="ac-form">
      <h2>{t("account.roles")}</h2>
      <div className="ad-roles">
        {all.map((role) => (
          <label key={role.code}>
            <input type="checkbox" checked={wanted.includes(role.code)} data-testid={`role-${role.code}`} onChange={() => toggle(role.code)} />
            {i18n.language === "en" ? role.name_en : role.name}
          </label>
        ))}
      </div>
      {preview ? (
        <dl className="ad-change" data-testid="roles-change">
          <dt className="sw-quiet">{t("account.gained")}</dt>
          <dd>{words(preview.gained)}</dd>
          <dt className="sw-quiet">{t("account.lost")}</dt>
          <dd>{words(preview.lost)}</dd>
        </dl>
      ) : null}
      {problem ? <Sentence tone="red">{problem}</Sentence> : null}
      <div className="ac-line">
        {preview ? (
          <Button type="primary" loading={busy} data-testid="set-roles" onClick={() => void change(() => setRoles(person.id, person.roles, wanted)).then(() => setPreview(null))}>
            {t("account.set_roles")}
          </Button>
        ) : (
          <Button disabled={same || busy} data-testid="preview-roles" onClick={() => void change(() => previewRoles(person.id, wanted)).then(setPreview)}>
            {t("account.what_changes")}
          </Button>
        )}
      </div>
    </section>
  );
}
