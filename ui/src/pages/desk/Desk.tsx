import { useSearchParams } from "react-router";
import { useArea } from "../../app/session";
import { Asides } from "./Asides";
import { Doubts } from "./Doubts";

/** The triage desk: what the engines were unsure of, and messages that are no case. By keys alone. */
export default function Desk() {
  const { area } = useArea();
  const [params] = useSearchParams();
  return params.get("tab") === "asides" ? <Asides key={area.code} area={area.code} /> : <Doubts key={area.code} area={area.code} />;
}
