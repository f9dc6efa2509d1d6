import { useSyncExternalStore } from "react";

interface Preferences {
  theme: "light" | "dark" | "system";
  language: "zh-CN" | "en";
  /** code of the area the viewer looked at last; "" means their own */
  area: string;
}
const defaults: Preferences = { theme: "system", language: "zh-CN", area: "" };
const KEY = "streetwise.preferences";

function read(): Preferences {
  try {
    return { ...defaults, ...(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Preferences>) };
  } catch {
    return defaults;
  }
}

let current = read();
const listeners = new Set<() => void>();

function tellAll(): void {
  listeners.forEach((tell) => tell());
}
window.addEventListener("storage", (event) => {
  if (event.key !== KEY) return;
  current = read();
  tellAll();
});

export function getPreference<K extends keyof Preferences>(key: K): Preferences[K] {
  return current[key];
}

export function setPreference<K extends keyof Preferences>(key: K, value: Preferences[K]): void {
  current = { ...current, [key]: value };
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
  } catch {
    // private window: it holds for this page only
  }
  tellAll();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function usePreference<K extends keyof Preferences>(
  key: K,
): [Preferences[K], (value: Preferences[K]) => void] {
  const value = useSyncExternalStore(subscribe, () => current[key]);
  return [value, (next) => setPreference(key, next)];
}
