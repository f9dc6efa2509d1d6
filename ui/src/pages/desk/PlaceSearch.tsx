import { Input } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { fetchHints } from "../../api/orders";
import type { PlaceHint } from "../../api/types";
import { useArea } from "../../app/session";
import { Choices } from "./Choices";

const PAUSE_MS = 180;

/** A place of the gazetteer by typing, as in the telephone form. */
export function PlaceSearch({ onPick, onCancel, autoFocus = false }: { onPick: (place: { code: string; name: string }) => void; onCancel?: () => void; autoFocus?: boolean }) {
  const { t } = useTranslation();
  const { area } = useArea();
  const [text, setText] = useState("");
  const [found, setFound] = useState<{ places: PlaceHint[]; for: string }>({ places: [], for: "" });
  useEffect(() => {
    const abort = new AbortController();
    const place = text.trim();
    const timer = window.setTimeout(() => {
      if (!place) return;
      fetchHints({ area: area.code, text: "", place, place_code: null, category: null }, abort.signal).then(
        ({ places }) => setFound({ places, for: place }),
        () => {}, // the next letter asks again
      );
    }, PAUSE_MS);
    return () => {
      window.clearTimeout(timer);
      abort.abort();
    };
  }, [area.code, text]);
  const fresh = found.for === text.trim() && found.for !== "";
  const places = fresh ? found.places : [];
  return (
    <Choices
      testId="place-search" options={places.map((one) => ({ key: one.code, words: one.label, more: [one.community, one.grid].filter(Boolean).join(" · ") }))}
      none={fresh ? t("desk.no_place_found") : null} onCancel={onCancel}
      onPick={(index) => {
        const one = places[index];
        if (one) onPick({ code: one.code, name: one.label });
      }}
    >
      {(props) => <Input {...props} value={text} autoFocus={autoFocus} placeholder={t("phone.place_hint")} aria-label={t("desk.search_place")} data-testid="place-search" onChange={(event) => setText(event.target.value)} />}
    </Choices>
  );
}
