import { Button } from "antd";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useBlocker } from "react-router";
import { clear, useDraft } from "./draft";

/** Asks before a draft is left behind: it is kept nowhere but in this page. */
export function LeaveGuard() {
  const { t } = useTranslation();
  const { key, items } = useDraft();
  const count = items.length;
  const dialog = useRef<HTMLDialogElement>(null);
  const blocker = useBlocker(({ nextLocation }) => count > 0 && !nextLocation.pathname.startsWith("/directory"));
  const blocked = blocker.state === "blocked";
  useEffect(() => {
    if (blocked) dialog.current?.showModal();
    else dialog.current?.close();
  }, [blocked]);
  useEffect(() => {
    if (count === 0) return;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [count]);
  return (
    <dialog ref={dialog} className="di-ask" aria-labelledby="leave-title" data-testid="leave-dialog" onClose={() => blocker.reset?.()}>
      <h2 id="leave-title">{t("dir.leave.title", { count })}</h2>
      <p className="sw-quiet">{t("dir.leave.text")}</p>
      <div className="di-ask-do">
        <Button type="primary" onClick={() => dialog.current?.close()}>{t("dir.leave.stay")}</Button>
        <Button data-testid="leave-anyway" onClick={() => {
          clear(key);
          blocker.proceed?.();
        }}>{t("dir.leave.go")}</Button>
      </div>
    </dialog>
  );
}
