import { useTranslation } from "react-i18next";
import type { Mapping } from "../../api/types";

/** A mapping's title in the viewer's language. */
export function useMappingTitle(): (mapping: Mapping) => string {
  const { i18n } = useTranslation();
  return (mapping) => (i18n.language === "en" && mapping.title_en ? mapping.title_en : mapping.title);
}
