import { ConfigProvider, type ConfigProviderProps } from "antd";
import { useEffect, useLayoutEffect, useMemo, useState, type ReactNode } from "react";
import { usePreference } from "../app/preferences";
import { antdTheme } from "./antd";
import { applyPalette, dark, light } from "./palette";

export type Mode = "light" | "dark";
const media = window.matchMedia("(prefers-color-scheme: dark)");

function useSystemMode(): Mode {
  const [mode, setMode] = useState<Mode>(media.matches ? "dark" : "light");
  useEffect(() => {
    const follow = (): void => setMode(media.matches ? "dark" : "light");
    media.addEventListener("change", follow);
    return () => media.removeEventListener("change", follow);
  }, []);
  return mode;
}

export function ThemeProvider({ locale, children }: { locale: ConfigProviderProps["locale"]; children: ReactNode }) {
  const [wanted] = usePreference("theme");
  const system = useSystemMode();
  const mode = wanted === "system" ? system : wanted;
  const palette = mode === "dark" ? dark : light;
  const config = useMemo(() => antdTheme(palette, mode), [palette, mode]);
  useLayoutEffect(() => applyPalette(palette, mode), [palette, mode]);
  return (
    <ConfigProvider theme={config} locale={locale} wave={{ disabled: true }} button={{ autoInsertSpace: false }}>
      {children}
    </ConfigProvider>
  );
}
