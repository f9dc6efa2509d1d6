import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, useCallback, useContext, useEffect, useMemo, type ReactNode } from "react";
import { onSignedOut } from "../api/client";
import { changeViewer, fetchSession, keys } from "../api/queries";
import type { Area, Capability, Session } from "../api/types";
import { usePreference } from "./preferences";

const SessionContext = createContext<Session | null>(null);

let ended = false;

/** True once after a session ran out, so that the sign-in page can say so. */
export function takeEnded(): boolean {
  const was = ended;
  ended = false;
  return was;
}

/** The session, or null while nobody is signed in. `undefined` while we do not know yet. */
export function useSessionQuery() {
  const client = useQueryClient();
  useEffect(
    () =>
      onSignedOut(() => {
        ended ||= Boolean(client.getQueryData(keys.session));
        changeViewer(client, null);
      }),
    [client],
  );
  return useQuery({ queryKey: keys.session, queryFn: fetchSession, staleTime: Infinity, retry: 1 });
}

export function SessionProvider({ session, children }: { session: Session; children: ReactNode }) {
  return <SessionContext value={session}>{children}</SessionContext>;
}

/** The signed-in viewer; only under the frame. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("no session here");
  return session;
}

export function useCan(): (capability: Capability) => boolean {
  const { can } = useSession();
  return useCallback((capability) => can.includes(capability), [can]);
}

const nowhere: Area = { code: "", name: "", name_en: "", timezone: "Asia/Shanghai", home: true };

/** The area the viewer looks at: the last choice if still allowed, else their own. */
export function useArea(): { area: Area; areas: Area[]; setArea: (code: string) => void } {
  const { areas } = useSession();
  const [code, setArea] = usePreference("area");
  const area = useMemo(
    () => areas.find((one) => one.code === code) ?? areas.find((one) => one.home) ?? areas[0] ?? nowhere,
    [areas, code],
  );
  return { area, areas, setArea };
}
