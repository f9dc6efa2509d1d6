import { ConfigProvider, type ConfigProviderProps } from "antd";
import { useEffect, useLayoutEffect, useMemo, useState, type ReactNode } from "react";
import { usePreference } from "../app/preferences";
import { antdTheme } from "./antd";
import { applyPalette, dark, light } from "./palette";

export type Mode = "light" | "dark";
const darkWanted = window.matchMedia("(prefers-color-scheme: dark)");
const stillWanted = window.matchMedia("(prefers-reduced-motion: reduce)");

/** Whether the system says so, now and after every change. */
function useSystemWish(media: MediaQueryList): boolean {
  const [wished, setWished] = useState(media.matches);
  useEffect(() => {
    const follow = (): void => setWished(media.matches);
    media.addEventListener("change", follow);
    return () => media.removeEventListener("change", follow);
  }, [media]);
  return wished;
}

export function ThemeProvider({ locale, children }: { locale: ConfigProviderProps["locale"]; children: ReactNode }) {
  const [wanted] = usePreference("theme");
  const system: Mode = useSystemWish(darkWanted) ? "dark" : "light";
  const still = useSystemWish(stillWanted);
  const mode = wanted === "system" ? system : wanted;
  const palette = mode === "dark" ? dark : light;
  const config = useMemo(() => antdTheme(palette, mode, still), [palette, mode, still]);
  useLayoutEffect(() => applyPalette(palette, mode), [palette, mode]);
  return (
    <ConfigProvider theme={config} locale={locale} wave={{ disabled: true }} button={{ autoInsertSpace: false }}>
      {children}
    </ConfigProvider>
  );
}
