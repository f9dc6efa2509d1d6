import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Checkbox, Input, Popover } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { problemSentence } from "../../api/problem";
import type { SavedViews as Saved } from "../../api/types";
import { removeView, savedViewsQuery, saveView } from "../../api/views";
import { useArea } from "../../app/session";
import { Sentence } from "../../shared/Blank";
import type { Change } from "../../shared/params";
import "./views.css";

interface Props { params: URLSearchParams; onChange: Change }

/** Filters that somebody comes back to: one's own, and those that the unit shares. */
export function SavedViews({ params, onChange }: Props) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <Popover trigger="click" placement="bottomRight" open={open} onOpenChange={setOpen}
      content={<Panel params={params} onChange={(next) => {
        setOpen(false);
        onChange(next);
      }} />}>
      <Button type="text" data-testid="views-open">{t("views.open")}</Button>
    </Popover>
  );
}

function Panel({ params, onChange }: Props) {
  const { t } = useTranslation();
  const { area } = useArea();
  const client = useQueryClient();
  const query = useQuery(savedViewsQuery);
  const [name, setName] = useState("");
  const [shared, setShared] = useState(false);
  const took = (views: Saved): void => {
    client.setQueryData(savedViewsQuery.queryKey, views);
    setName("");
  };
  const save = useMutation({ mutationFn: () => saveView(area.code, name.trim(), filters(params), shared), onSuccess: took });
  const remove = useMutation({ mutationFn: removeView, onSuccess: took });
  const items = query.data?.items ?? [];
  const error = query.error ?? save.error ?? remove.error;
  return (
    <div className="sv" data-testid="views-panel">
      {items.length === 0 && !query.isPending ? <p className="sw-small sw-quiet">{t("views.empty")}</p> : null}
      <ul>
        {items.map((one) => (
          <li key={one.id}>
            <button type="button" className="sw-plain sw-link sw-cut" data-testid="view" onClick={() => onChange(new URLSearchParams(one.query))}>{one.name}</button>
            {one.shared ? <span className="sw-small sw-quiet">{t("views.shared")}</span> : null}
            {one.own ? <button type="button" className="sw-plain" aria-label={t("views.remove", { name: one.name })} onClick={() => remove.mutate(one.id)}>×</button> : null}
          </li>
        ))}
      </ul>
      {filters(params) ? (
        <form onSubmit={(event) => {
          event.preventDefault();
          if (name.trim()) save.mutate();
        }}>
          <Input size="small" value={name} maxLength={60} placeholder={t("views.name")} aria-label={t("views.name")} data-testid="view-name" onChange={(event) => setName(event.target.value)} />
          <Checkbox checked={shared} data-testid="view-shared" onChange={(event) => setShared(event.target.checked)}>{t("views.share")}</Checkbox>
          <Button size="small" type="primary" htmlType="submit" disabled={!name.trim()} loading={save.isPending} data-testid="view-save">{t("views.save")}</Button>
        </form>
      ) : null}
      {error ? <Sentence tone="red">{problemSentence(t, error)}</Sentence> : null}
    </div>
  );
}

/** What of the address is a filter; which area is looked at is the viewer's own matter. */
function filters(params: URLSearchParams): string {
  const kept = new URLSearchParams(params);
  kept.delete("area");
  return kept.toString();
}
