import { Input } from "antd";
import { useEffect, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import type { PlaceHint } from "../../api/types";
import type { Draft } from "./draft";

interface Props {
  draft: Draft; places: PlaceHint[]; placesFor: string;
  onType: (place: string) => void; onPick: (place: PlaceHint) => void; onNext: () => void;
}

/** A place by typing: the likeliest is marked, Enter takes it and goes on; what fits none stays as typed. */
export function PlaceField({ draft, places, placesFor, onType, onPick, onNext }: Props) {
  const { t } = useTranslation();
  const [focused, setFocused] = useState(false);
  const [at, setAt] = useState(0);
  const fresh = placesFor === draft.place && draft.place.trim() !== "" && draft.placeCode === null;
  const shown = fresh ? places : [];
  const open = focused && shown.length > 0;
  const exact = fresh ? places.find(({ label }) => label === draft.place.trim()) : undefined;
  // typed to its end, or gone on before the answer came: the place is taken as if it had been chosen
  useEffect(() => {
    if (exact && !focused) onPick(exact);
  });

  function keys(event: KeyboardEvent): void {
    if (event.nativeEvent.isComposing || !open) return;
    if (event.key === "ArrowDown") setAt(Math.min(at + 1, shown.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(at - 1, 0));
    else if (event.key === "Escape") setFocused(false);
    else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      const chosen = shown[at] ?? shown[0];
      if (chosen) onPick(chosen);
      onNext();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <div className="ph-field ph-place">
      <label htmlFor="ph-place">{t("phone.place")}</label>
      <Input id="ph-place" value={draft.place} maxLength={200} placeholder={t("phone.place_hint")} data-testid="phone-place" role="combobox"
        aria-expanded={open} aria-controls="ph-places" aria-activedescendant={open ? `ph-place-${at}` : undefined}
        onChange={(event) => {
          setAt(0);
          setFocused(true);
          onType(event.target.value);
        }}
        onFocus={() => setFocused(true)} onBlur={() => setFocused(false)} onKeyDown={keys} />
      {open ? (
        <div className="ph-places" id="ph-places" role="listbox">
          {shown.map((place, index) => (
            <div key={place.code} id={`ph-place-${index}`} role="option" aria-selected={index === at} tabIndex={-1} className="ph-option" data-testid="phone-place-option"
              onPointerDown={(event) => {
                event.preventDefault();
                onPick(place);
              }}>
              <span>{place.label}</span>
              <span className="sw-small sw-quiet">{[place.community, place.grid].filter(Boolean).join(" · ")}</span>
            </div>
          ))}
        </div>
      ) : null}
      {draft.placeCode ? <p className="sw-small sw-quiet" data-testid="phone-where">{draft.where}</p>
        : draft.place.trim() && fresh && shown.length === 0 ? <p className="sw-small sw-quiet">{t("phone.place_unknown")}</p> : null}
    </div>
  );
}
