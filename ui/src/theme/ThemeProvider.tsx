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
  const value = useMemo<Theme>(() => ({ mode, palette: mode === "dark" ? dark : light }), [mode]);
  const config = useMemo(() => antdTheme(value.palette, mode, still), [value, mode, still]);
  useLayoutEffect(() => applyPalette(value.palette, mode), [value, mode]);
  return (
    <ThemeContext value={value}>
      <ConfigProvider theme={config} locale={locale} wave={{ disabled: true }} button={{ autoInsertSpace: false }}>
        {children}
      </ConfigProvider>
    </ThemeContext>
  );
}
