import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { recordQuery } from "../../api/directory";
import { useArea } from "../../app/session";
import { recordPath } from "./params";

/** Another record by its name. Where the name is not at hand it is asked for. */
export function RefLink({ kind, code, name }: { kind: string; code: string; name?: string }) {
  const { area } = useArea();
  const found = useQuery({ ...recordQuery(area.code, kind, code), enabled: name === undefined }).data;
  const title = name ?? found?.title;
  return (
    <Link to={recordPath(kind, code)} className="sw-link di-ref" title={code}>{title ?? code}</Link>
  );
}
