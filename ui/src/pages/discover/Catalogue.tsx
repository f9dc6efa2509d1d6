import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { previewCatalogue, takeCatalogue, type CatalogueGiven } from "../../api/discover";
import { useArea } from "../../app/session";
import { Sentence } from "../../shared/Blank";
import { Head } from "./Head";
import { useChange } from "./useChange";
import "../../shared/table.css";

const SHOWN = 200;

/** The catalogue of a video platform: looked at first, then taken in as it was seen. */
export default function Catalogue() {
  const { t } = useTranslation();
  const { area } = useArea();
  const [file, setFile] = useState<File | null>(null);
  const [text, setText] = useState({ template: "", gateway: "", streamsMax: "" });
  const [seen, setSeen] = useState<Awaited<ReturnType<typeof previewCatalogue>> | null>(null);
  const [done, setDone] = useState<number | null>(null);
  const preview = useChange((given: CatalogueGiven) => previewCatalogue(given), (found) => setSeen(found));
  const taking = useChange((given: CatalogueGiven) => takeCatalogue(given, seen?.digest ?? ""), (found) => {
    setDone(found.matched.length);
    setSeen(null);
  });
  const given = file ? { file, ...text, area: area.code } : null;
  const anew = (): void => {
    setSeen(null);
    setDone(null);
  };
  const refused = preview.refused ?? taking.refused;
  return (
    <div className="cs" data-testid="catalogue-page">
      <Head />
      <div className="di-narrow">
        <form className="di-form"
          onSubmit={(event) => {
            event.preventDefault();
            if (given) preview.run(given);
          }}>
          <p className="sw-small sw-quiet">{t("discover.catalogue_hint")}</p>
          <label className="di-field">{t("discover.file")}
            <input type="file" accept=".json,.csv" data-testid="catalogue-file"
              onChange={(event) => {
                setFile(event.target.files?.[0] ?? null);
                anew();
              }} />
          </label>
          {(["template", "gateway", "streamsMax"] as const).map((name) => (
            <label key={name} className="di-field">{t(`discover.field.${name}`)}
              <input value={text[name]} maxLength={500} {...(name === "streamsMax" ? { type: "number", min: 1 } : {})} data-testid={`catalogue-${name}`}
                onChange={(event) => {
                  setText({ ...text, [name]: event.target.value });
                  anew();
                }} />
            </label>
          ))}
          <div className="di-buttons">
            <Button size="small" htmlType="submit" disabled={!given} loading={preview.busy} data-testid="catalogue-preview">{t("discover.look_at")}</Button>
            {seen && given ? <Button size="small" type="primary" disabled={seen.matched.length === 0} loading={taking.busy} data-testid="catalogue-take" onClick={() => taking.run(given)}>{t("discover.take_in", { count: seen.matched.length })}</Button> : null}
          </div>
        </form>
        {refused ? <Sentence tone="red">{refused}</Sentence> : null}
        {done !== null ? <Sentence tone="green">{t("discover.taken_in", { count: done })}</Sentence> : null}
        {seen ? (
          <>
            <h2>{t("discover.matched", { count: seen.matched.length })}</h2>
            <table className="sw-table" data-testid="catalogue-matched">
              <thead><tr>{["row", "platform_name", "camera", "match", "apart"].map((one) => <th key={one} scope="col">{t(`discover.col_${one}`)}</th>)}</tr></thead>
              <tbody>
                {seen.matched.slice(0, SHOWN).map((one) => (
                  <tr key={one.row}>
                    <td className="sw-num">{one.row}</td><td className="sw-cut">{one.name}</td><td className="sw-num">{one.camera}</td>
                    <td>{t(`discover.match.${one.why}`)}</td><td className={`sw-num ${(one.metres ?? 0) > 100 ? "sw-amber" : ""}`}>{one.metres === null ? "—" : t("discover.metres", { n: one.metres })}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            {seen.bad.length > 0 ? <h2>{t("discover.bad", { count: seen.bad.length })}</h2> : null}
            <ul className="di-lines" data-testid="catalogue-bad">
              {seen.bad.slice(0, SHOWN).map((one) => <li key={one.row}>{t("discover.bad_row", { row: one.row, why: t(`discover.bad_why.${one.code}`) })}</li>)}
            </ul>
          </>
        ) : null}
      </div>
    </div>
  );
}
