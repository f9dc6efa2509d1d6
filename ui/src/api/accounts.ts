import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, take } from "./client";
import type { WentOn } from "./queries";
import type { Administrator, Enrolled, Offer, Person, Session } from "./types";

/** Sign-in after the password, the own account, and the administration of accounts. */
export const accountKeys = {
  account: ["account"] as const,
  people: ["people"] as const,
  standIns: ["stand-ins"] as const,
  roles: ["roles"] as const,
  audit: ["audit"] as const,
  setup: ["setup"] as const,
};

export const giveCode = (code: string): Promise<WentOn> => take(api.POST("/api/v1/session/second-factor", { body: { code } }));
export const giveNewPassword = (password: string): Promise<WentOn> => take(api.POST("/api/v1/session/password", { body: { password } }));
export const beginEnrolment = (): Promise<Offer> => take(api.POST("/api/v1/session/enrolment"));
export const confirmEnrolment = (code: string): Promise<Enrolled> =>
  take(api.POST("/api/v1/session/enrolment/confirm", { body: { code } }));
export const actFor = (login: string | null): Promise<Session> => take(api.PUT("/api/v1/session/stand-in", { body: { login } }));

export const setupQuery = queryOptions({
  queryKey: accountKeys.setup,
  queryFn: ({ signal }) => take(api.GET("/api/v1/setup", { signal })),
});
export const makeAdministrators = (code: string, administrators: Administrator[]): Promise<unknown> =>
  take(api.POST("/api/v1/setup", { body: { code, administrators } }));

export const accountQuery = queryOptions({
  queryKey: accountKeys.account,
  queryFn: ({ signal }) => take(api.GET("/api/v1/account", { signal })),
});
export const changePassword = (old: string, fresh: string): Promise<unknown> =>
  take(api.POST("/api/v1/account/password", { body: { old, new: fresh } }));
export const offerSecondFactor = (password: string): Promise<Offer> => take(api.POST("/api/v1/account/second-factor", { body: { password } }));
export const confirmSecondFactor = (code: string): Promise<{ recovery_codes: string[] }> =>
  take(api.POST("/api/v1/account/second-factor/confirm", { body: { code } }));
export const endSecondFactor = (password: string): Promise<unknown> => take(api.POST("/api/v1/account/second-factor/end", { body: { password } }));
export const endDevice = (id: string): Promise<unknown> =>
  take(api.DELETE("/api/v1/account/devices/{device_id}", { params: { path: { device_id: id } } }));
export const endOtherDevices = (): Promise<unknown> => take(api.DELETE("/api/v1/account/devices"));

export const peopleQuery = (q: string) =>
  infiniteQueryOptions({
    queryKey: [...accountKeys.people, q],
    queryFn: ({ pageParam, signal }) => take(api.GET("/api/v1/accounts", { params: { query: { q, cursor: pageParam } }, signal })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next_cursor,
  });
export const rolesQuery = queryOptions({
  queryKey: accountKeys.roles,
  queryFn: ({ signal }) => take(api.GET("/api/v1/roles", { signal })),
  staleTime: Infinity,
});
export const standInsQuery = queryOptions({
  queryKey: accountKeys.standIns,
  queryFn: ({ signal }) => take(api.GET("/api/v1/stand-ins", { signal })),
});

const at = (id: string) => ({ params: { path: { staff_id: id } } });
export const addPerson = (body: { login: string; name: string; unit: string }): Promise<Person> => take(api.POST("/api/v1/accounts", { body }));
export const changePerson = (id: string, body: { name: string; unit: string; active: boolean }): Promise<Person> =>
  take(api.PUT("/api/v1/accounts/{staff_id}", { ...at(id), body }));
export const givePassword = (id: string): Promise<{ password: string; hours: number }> => take(api.POST("/api/v1/accounts/{staff_id}/password", at(id)));
export const unlock = (id: string): Promise<Person> => take(api.POST("/api/v1/accounts/{staff_id}/unlock", at(id)));
export const resetSecondFactor = (id: string): Promise<Person> => take(api.DELETE("/api/v1/accounts/{staff_id}/second-factor", at(id)));
export const endSessions = (id: string): Promise<unknown> => take(api.DELETE("/api/v1/accounts/{staff_id}/sessions", at(id)));
export const previewRoles = (id: string, roles: string[]): Promise<{ gained: string[]; lost: string[] }> =>
  take(api.POST("/api/v1/accounts/{staff_id}/roles/preview", { ...at(id), body: { roles } }));
export const setRoles = (id: string, was: string[], roles: string[]): Promise<Person> =>
  take(api.PUT("/api/v1/accounts/{staff_id}/roles", { ...at(id), body: { was, roles } }));
export const setStandIn = (body: { login: string; for_login: string; starts_at: string; ends_at: string }): Promise<unknown> =>
  take(api.POST("/api/v1/stand-ins", { body }));
export const withdrawStandIn = (id: string): Promise<unknown> =>
  take(api.DELETE("/api/v1/stand-ins/{stand_in_id}", { params: { path: { stand_in_id: id } } }));

export interface AuditFilter { kind?: string; person?: string; since?: string; until?: string }
export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: [...accountKeys.audit, filter],
    queryFn: ({ pageParam, signal }) =>
      take(api.GET("/api/v1/audit", { params: { query: { ...filter, cursor: pageParam ?? undefined } }, signal })),
    initialPageParam: null as number | null,
    getNextPageParam: (last) => last.next_cursor,
  });
