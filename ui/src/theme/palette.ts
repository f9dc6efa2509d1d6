/**
 * The few colours of the screen. State has the only real hues (amber, red, green, blue);
 * everything else is neutral. The same names exist as CSS variables (base.css), `--sw-…`.
 */
export interface Palette {
  bg: string; panel: string; raised: string; hover: string; line: string; lineSoft: string;
  text: string; text2: string; text3: string; ink: string; onInk: string;
  red: string; amber: string; green: string; blue: string;
  redBg: string; amberBg: string; greenBg: string; blueBg: string;
}

export const light: Palette = {
  bg: "#f1f3f5", panel: "#ffffff", raised: "#ffffff", hover: "#f0f3f6", line: "#d5dae0", lineSoft: "#e8ebef",
  text: "#1b242e", text2: "#4d5965", text3: "#5d6874", ink: "#2a3744", onInk: "#ffffff",
  red: "#b3261e", amber: "#8a5500", green: "#22693b", blue: "#1d5aa8",
  redBg: "#fbeae8", amberBg: "#fdf1da", greenBg: "#e7f3ea", blueBg: "#e8f0fa",
};

export const dark: Palette = {
  bg: "#12161a", panel: "#191e24", raised: "#21272e", hover: "#222931", line: "#333b45", lineSoft: "#272e36",
  text: "#dbe1e7", text2: "#a9b3be", text3: "#8b96a2", ink: "#cdd6df", onInk: "#14181d",
  red: "#f28b82", amber: "#e0a83e", green: "#74c08d", blue: "#82b1f2",
  redBg: "#3a201f", amberBg: "#352a14", greenBg: "#1b3023", blueBg: "#1b2a3f",
};

export const fontFamily =
  'system-ui, -apple-system, "Segoe UI", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei UI", "Microsoft YaHei", ' +
  '"Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Micro Hei", sans-serif';

/** The four type sizes. */
export const type = { small: 12, body: 14, title: 16, figure: 20 } as const;

function kebab(name: string): string {
  return name.replace(/[A-Z0-9]/g, (letter) => `-${letter.toLowerCase()}`).replace("text-", "text");
}

/** Writes the palette into CSS variables of the document: --sw-bg, --sw-line-soft, --sw-text2 … */
export function applyPalette(palette: Palette, mode: "light" | "dark"): void {
  const root = document.documentElement;
  root.dataset.theme = mode;
  root.style.colorScheme = mode;
  for (const [name, value] of Object.entries(palette)) root.style.setProperty(`--sw-${kebab(name)}`, value);
}
