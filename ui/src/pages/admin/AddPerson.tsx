import { Button } from "antd";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { addPerson } from "../../api/accounts";
import type { Person } from "../../api/types";
import { Sentence } from "../../shared/Blank";
import { UnitSelect } from "./UnitSelect";
import { useChange } from "./useChange";

export function AddPerson({ onAdded, onClose }: { onAdded: (one: Person) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const { busy, problem, change } = useChange();
  const [login, setLogin] = useState("");
  const [name, setName] = useState("");
  const [unit, setUnit] = useState("");
  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    const added = await change(() => addPerson({ login, name, unit }));
    if (added) onAdded(added);
  }
  return (
    <form className="sw-panel ac-panel ac-form" data-testid="add-form" onSubmit={(event) => void submit(event)}>
      <h2>{t("account.add")}</h2>
      <p className="sw-small sw-quiet">{t("account.add_text")}</p>
      <div className="ad-fields">
        <label className="ac-field">
          {t("signin.name")}
          <input className="ac-input" value={name} autoFocus data-testid="add-name" onChange={(event) => setName(event.target.value)} />
        </label>
        <label className="ac-field">
          {t("signin.account")}
          <input className="ac-input" value={login} autoCapitalize="none" spellCheck={false} data-testid="add-login" onChange={(event) => setLogin(event.target.value)} />
        </label>
        <UnitSelect value={unit} onChange={setUnit} />
      </div>
      {problem ? <Sentence tone="red">{problem}</Sentence> : null}
      <div className="ac-line">
        <Button type="primary" htmlType="submit" loading={busy} disabled={!login || !name || !unit} data-testid="add-submit">{t("account.add")}</Button>
        <Button onClick={onClose}>{t("common.cancel")}</Button>
      </div>
    </form>
  );
}
