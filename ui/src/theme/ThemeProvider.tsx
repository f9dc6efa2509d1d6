import { ConfigProvider, type ConfigProviderProps } from "antd";
import { createContext, useContext, useEffect, useLayoutEffect, useMemo, useState, type ReactNode } from "react";
import { usePreference } from "../app/preferences";
import { antdTheme } from "./antd";
import { applyPalette, dark, light, type Palette } from "./palette";

export type Mode = "light" | "dark";
interface Theme { mode: Mode; palette: Palette }
const ThemeContext = createContext<Theme>({ mode: "light", palette: light });

/** Current colours, for what draws on a canvas. */
export function useTheme(): Theme {
  return useContext(ThemeContext);
}

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
  const value = useMemo<Theme>(() => ({ mode, palette: mode === "dark" ? dark : light }), [mode]);
  const config = useMemo(() => antdTheme(value.palette, mode), [value, mode]);
  useLayoutEffect(() => applyPalette(value.palette, mode), [value, mode]);
  return (
    <ThemeContext value={value}>
      <ConfigProvider theme={config} locale={locale} wave={{ disabled: true }} button={{ autoInsertSpace: false }}>
        {children}
      </ConfigProvider>
    </ThemeContext>
  );
}
