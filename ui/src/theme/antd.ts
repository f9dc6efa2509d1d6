import { theme, type ThemeConfig } from "antd";
import { fontFamily, type, type Palette } from "./palette";

/** Ant Design in our colours: neutral ink instead of blue, flat, small radii, 32 px controls. */
export function antdTheme(p: Palette, mode: "light" | "dark", still: boolean): ThemeConfig {
  return {
    algorithm: mode === "dark" ? theme.darkAlgorithm : theme.defaultAlgorithm,
    token: {
      fontFamily,
      fontSize: type.body,
      fontSizeSM: type.small,
      fontSizeLG: type.title,
      colorPrimary: p.ink,
      colorPrimaryHover: mode === "dark" ? "#e3eaf1" : "#3c4c5c",
      colorPrimaryActive: mode === "dark" ? "#b9c4cf" : "#1c2631",
      colorTextLightSolid: p.onInk,
      colorInfo: p.blue,
      colorLink: p.text,
      colorLinkHover: p.text2,
      colorError: p.red,
      colorWarning: p.amber,
      colorSuccess: p.green,
      colorText: p.text,
      colorTextSecondary: p.text2,
      colorTextTertiary: p.text3,
      colorTextDescription: p.text2,
      colorTextPlaceholder: p.text3,
      colorBgLayout: p.bg,
      colorBgContainer: p.panel,
      colorBgElevated: p.raised,
      colorBorder: p.line,
      colorBorderSecondary: p.lineSoft,
      borderRadius: 4,
      borderRadiusLG: 4,
      borderRadiusSM: 3,
      controlHeight: 32,
      motion: !still,
      motionDurationMid: "0.1s",
      motionDurationSlow: "0.12s",
      controlItemBgActive: p.hover,
      controlItemBgHover: p.hover,
      controlItemBgActiveHover: p.hover,
      controlOutline: mode === "dark" ? "rgba(205,214,223,0.22)" : "rgba(42,55,68,0.18)",
    },
    components: {
      Button: { primaryShadow: "none", defaultShadow: "none", dangerShadow: "none", contentFontSize: type.body },
      Select: { optionSelectedBg: p.hover, optionActiveBg: p.hover },
      Tooltip: { colorBgSpotlight: p.ink, colorTextLightSolid: p.onInk },
    },
  };
}
