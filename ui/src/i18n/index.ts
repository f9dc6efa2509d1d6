import type { ConfigProviderProps } from "antd";
import i18next from "i18next";
import { useEffect, useState } from "react";
import { initReactI18next } from "react-i18next";
import { getPreference, usePreference } from "../app/preferences";

export type Language = "zh-CN" | "en";
type AntdLocale = ConfigProviderProps["locale"];

interface Pack { words: Record<string, unknown>; antd: AntdLocale }

async function load(language: Language): Promise<Pack> {
  const [words, overview, accounts, antd] =
    language === "en"
      ? await Promise.all([import("./en.json"), import("./overview.en.json"), import("./accounts.en.json"), import("antd/es/locale/en_US")])
      : await Promise.all([import("./zh-CN.json"), import("./overview.zh-CN.json"), import("./accounts.zh-CN.json"), import("antd/es/locale/zh_CN")]);
  return { words: { ...words.default, ...overview.default, ...accounts.default }, antd: antd.default };
}

const packs = new Map<Language, Pack>();

/** Words that come with their pages, to keep the first page light. */
const rooms = {
  "answers.en": () => import("./answers.en.json"),
  "answers.zh-CN": () => import("./answers.zh-CN.json"),
  "clocks.en": () => import("./clocks.en.json"),
  "clocks.zh-CN": () => import("./clocks.zh-CN.json"),
  "demo.en": () => import("./demo.en.json"),
  "demo.zh-CN": () => import("./demo.zh-CN.json"),
  "desk.en": () => import("./desk.en.json"),
  "desk.zh-CN": () => import("./desk.zh-CN.json"),
  "directory.en": () => import("./directory.en.json"),
  "directory.zh-CN": () => import("./directory.zh-CN.json"),
  "discover.en": () => import("./discover.en.json"),
  "discover.zh-CN": () => import("./discover.zh-CN.json"),
  "dispatch.en": () => import("./dispatch.en.json"),
  "dispatch.zh-CN": () => import("./dispatch.zh-CN.json"),
  "duty.en": () => import("./duty.en.json"),
  "duty.zh-CN": () => import("./duty.zh-CN.json"),
  "flow.en": () => import("./flow.en.json"),
  "flow.zh-CN": () => import("./flow.zh-CN.json"),
  "natures.en": () => import("./natures.en.json"),
  "natures.zh-CN": () => import("./natures.zh-CN.json"),
  "notify.en": () => import("./notify.en.json"),
  "notify.zh-CN": () => import("./notify.zh-CN.json"),
  "petitions.en": () => import("./petitions.en.json"),
  "petitions.zh-CN": () => import("./petitions.zh-CN.json"),
  "reports.en": () => import("./reports.en.json"),
  "reports.zh-CN": () => import("./reports.zh-CN.json"),
  "reconcile.en": () => import("./reconcile.en.json"),
  "reconcile.zh-CN": () => import("./reconcile.zh-CN.json"),
  "scores.en": () => import("./scores.en.json"),
  "scores.zh-CN": () => import("./scores.zh-CN.json"),
  "system.en": () => import("./system.en.json"),
  "system.zh-CN": () => import("./system.zh-CN.json"),
  "verify.en": () => import("./verify.en.json"),
  "verify.zh-CN": () => import("./verify.zh-CN.json"),
  "warn.en": () => import("./warn.en.json"),
  "warn.zh-CN": () => import("./warn.zh-CN.json"),
  "views.en": () => import("./views.en.json"),
  "views.zh-CN": () => import("./views.zh-CN.json"),
};
type Room = keyof typeof rooms extends `${infer Name}.${Language}` ? Name : never;
const opened = new Set<Room>();
/** The router asks for a page, and so for its words, before i18next has begun. */
let begin = (): void => undefined;
const begun = new Promise<void>((resolve) => {
  begin = resolve;
});

async function takeRoom(language: Language, room: Room): Promise<void> {
  const [{ default: words }] = await Promise.all([rooms[`${room}.${language}`](), begun]);
  i18next.addResourceBundle(language, "translation", words, true, true);
}

/** Loads the words of a room before its pages are drawn; a later change of language brings them along. */
export async function openRoom(room: Room): Promise<void> {
  opened.add(room);
  await takeRoom(getPreference("language"), room);
}

async function take(language: Language): Promise<Pack> {
  let pack = packs.get(language);
  if (!pack) {
    pack = await load(language);
    packs.set(language, pack);
    if (i18next.isInitialized) i18next.addResourceBundle(language, "translation", pack.words, true, true);
  }
  return pack;
}

/** Loads the viewer's language and starts i18next; call once before rendering. */
export async function startWords(): Promise<void> {
  const language = getPreference("language");
  const pack = await take(language);
  await i18next.use(initReactI18next).init({
    lng: language,
    resources: { [language]: { translation: pack.words } },
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  document.documentElement.lang = language;
  begin();
}

/** Follows the language preference; returns Ant Design's words for it. */
export function useAntdLocale(): AntdLocale {
  const [language] = usePreference("language");
  const [locale, setLocale] = useState<AntdLocale>(packs.get(language)?.antd);
  useEffect(() => {
    let stale = false;
    void take(language).then(async (pack) => {
      await Promise.all([...opened].map((room) => takeRoom(language, room)));
      if (stale) return;
      await i18next.changeLanguage(language);
      document.documentElement.lang = language;
      setLocale(pack.antd);
    });
    return () => {
      stale = true;
    };
  }, [language]);
  return locale;
}
