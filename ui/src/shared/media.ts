import { useSyncExternalStore } from "react";

const phone = window.matchMedia("(max-width: 720px)");

function subscribe(tell: () => void): () => void {
  phone.addEventListener("change", tell);
  return () => phone.removeEventListener("change", tell);
}

/** True on a screen as narrow as a phone. */
export function usePhone(): boolean {
  return useSyncExternalStore(subscribe, () => phone.matches);
}
