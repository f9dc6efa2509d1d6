import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { directoryQuery } from "../api/queries";
import { useArea } from "../app/session";

/** Names of units by code, as the directory has them. */
export function useUnitName(): (code: string) => string | undefined {
  const { area } = useArea();
  const units = useQuery(directoryQuery(area.code)).data?.units;
  const names = useMemo(() => new Map(units?.map(({ code, name }) => [code, name])), [units]);
  return useCallback((code: string) => names.get(code), [names]);
}
