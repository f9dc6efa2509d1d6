import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { newPushToken } from "../../api/discover";
import type { WatchedCamera } from "../../api/types";
import { Sentence } from "../../shared/Blank";
import { useChange } from "./useChange";

/** How a camera pushes its pictures: where to, and a token that is shown once. */
export function Push({ camera }: { camera: WatchedCamera }) {
  const { t } = useTranslation();
  const [token, setToken] = useState<string | null>(null);
  const { run, busy, refused } = useChange(() => newPushToken(camera), (made) => setToken(made.token));
  const push = camera.push;
  if (!push) return null;
  return (
    <section className="di-part" aria-label={t("discover.push")} data-testid="push">
      <div className="di-part-head">
        <h2>{t("discover.push")}</h2>
        {camera.may_set_up ? (
          <Button size="small" loading={busy} data-testid="push-token-new" onClick={() => run(undefined)}>{t(push.has_token ? "discover.push_again" : "discover.push_new")}</Button>
        ) : null}
      </div>
      {push.port === 0
        ? <Sentence tone="amber">{t("discover.push_none")}</Sentence>
        : <p className="sw-small sw-quiet">{t("discover.push_where", { port: push.port })}</p>}
      <p className="di-code" data-testid="push-path">PUT {push.path}</p>
      {token === null ? (
        <p className="sw-small sw-quiet">{t(push.has_token ? "discover.push_there" : "discover.push_lacks")}</p>
      ) : (
        <>
          <p className="sw-small">{t("discover.push_once")}</p>
          <p className="di-code" data-testid="push-token">{token}</p>
        </>
      )}
      {refused ? <Sentence tone="red">{refused}</Sentence> : null}
    </section>
  );
}
