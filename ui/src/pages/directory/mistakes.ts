import type { TFunction } from "i18next";

/**
 * The server names mistakes in English sentences; here they are put into the screen's language.
 * A sentence that is not known stays as it came: better English than nothing.
 */
const SENTENCES: readonly (readonly [string, RegExp])[] = [
  ["missing", /^has no (?<column>\w+); fill it in$/],
  ["not_number", /^(?:has a (?<column>\w+) that is not numbers|(?<column2>\w+) must be a number).*$/],
  ["unknown_choice", /^has the unknown (?<column>\w+) '(?<value>.*)'; it is one of .*$/],
  ["no_class", /^names the unknown class '(?<value>.*)'.*$/],
  ["no_rule_unit", /^names the unknown unit '(?<value>.*)'; use a unit's code.*$/],
  ["no_rule_where", /^names the unknown grid or community '(?<value>.*)'.*$/],
  ["scheme", /^names the unknown scheme '(?<value>.*)'.*$/],
  ["unknown_ref", /^names the unknown (?<column>[\w ]+) '(?<value>[^']*)'.*$/],
  ["no_community", /^names no community \('(?<value>.*)'\).*$/],
  ["not_polygon", /^(?:is not a valid polygon|has no readable geometry).*$/],
  ["not_on_earth", /^lies not on earth .*$/],
  ["out_of_range", /^has a (?<column>\w+) out of range \((?<value>.*)\).*$/],
  ["half_point", /^has half a point.*$/],
  ["building_parent", /^is a building of '(?<value>.*)', which is no compound.*$/],
  ["roads_of_none", /^has roads, which only a junction has.*$/],
  ["few_roads", /^is a junction of fewer than two roads.*$/],
  ["no_road", /^is a junction of '(?<value>.*)', which is no road$/],
  ["unreadable", /^has (?<column>\w+) that cannot be read: .*$/],
  ["unit_kind", /^has a kind, which only units of tier 'outside' have.*$/],
  ["limit", /^has a limit that is none: .*$/],
  ["scheme", /^belongs to the unknown scheme '(?<value>.*)'.*$/],
  ["backwards", /^ends to be valid before it begins.*$/],
  ["circle", /^the parents go round in a circle \((?<value>.*)\).*$/],
  ["one_street", /^exactly one unit must be of tier 'street'$/],
  ["no_record", /^there is no such record, or it has ended.*$/],
  ["code_fixed", /^a code cannot be changed.*$/],
  ["code_missing", /^the code is missing$/],
  ["twice", /^(?:stands twice among the changes|.* stands twice)$/],
  ["taken", /^(?<value>\S+) is a code of another street's unit.*$/],
  ["too_long", /^(?<column>\w+) is (?:too long|longer than .*)$/],
  ["control", /^(?<column>\w+) holds a line break or a control character$/],
  ["separator", /^(?<column>\w+) must be a list of texts.*$/],
];

const KIND_OF: Record<string, string> = {
  "units.csv": "unit", "staff.csv": "staff", "stand-ins.csv": "stand_in", "duty.csv": "duty", "grids.geojson": "grid", "places.csv": "place", "assets.csv": "asset",
  "premises.csv": "premises", "cameras.csv": "camera", "sensors.csv": "sensor", "taxonomy/*.yaml": "class", "crosswalks.csv": "crosswalk", "responsibility.csv": "rule",
};

const PLACE = /^(?<file>[\w./*-]+\.(?:csv|geojson|yaml))(?: line (?<row>\d+))?: ?(?:(?<code>\S+?)(?: \(line (?<line>\d+)\))?:? )?(?<what>.*)$/;

/** One mistake in words: where, and what to do. `columnOf`, `kindOf`: names on the screen. */
export function mistakeWords(t: TFunction, language: string, mistake: string, columnOf: (name: string) => string, kindOf: (kind: string) => string): string {
  if (language === "en") return mistake;
  const place = PLACE.exec(mistake)?.groups;
  if (!place) return mistake;
  // a sentence about the whole file has no code before it
  for (const [code, what] of [[place["code"], place["what"]], ["", `${place["code"] ?? ""} ${place["what"] ?? ""}`.trim()]] as const)
    for (const [key, pattern] of SENTENCES) {
      const found = pattern.exec(what ?? "");
      if (!found) continue;
      const column = columnOf(found.groups?.["column"] ?? found.groups?.["column2"] ?? "");
      const sentence = t(`dir.mistake.${key}`, { column, value: found.groups?.["value"] ?? "" });
      const line = place["row"] ?? place["line"];
      // a line of a file is looked for in the file, a record in its list
      const where = [line ? place["file"] : kindOf(KIND_OF[place["file"] ?? ""] ?? "") || place["file"], code, line ? t("dir.mistake.line", { line }) : ""].filter(Boolean).join(" ");
      return t("dir.mistake.at", { where, sentence });
    }
  return mistake;
}
