import { queryOptions } from "@tanstack/react-query";
import { api, take } from "./client";
import { keys } from "./queries";
import type { CallBackForm, CallBackList, CallBacks, CaseCheck, Estimates, PublicAnswer, PublicCallBack } from "./types";

/** Under the case: whatever the journal says of the case brings this up to date, too. */
export const checkQuery = (caseId: string) =>
  queryOptions({
    queryKey: [...keys.case(caseId), "check"] as const,
    queryFn: ({ signal }): Promise<CaseCheck> => take(api.GET("/api/v1/cases/{case_id}/check", { params: { path: { case_id: caseId } }, signal })),
  });

/** Under the case, as well. */
export const callBacksQuery = (caseId: string) =>
  queryOptions({
    queryKey: [...keys.case(caseId), "call-backs"] as const,
    queryFn: ({ signal }): Promise<CallBacks> => take(api.GET("/api/v1/cases/{case_id}/call-backs", { params: { path: { case_id: caseId } }, signal })),
  });

export const addCallBack = (caseId: string, body: CallBackForm): Promise<CallBacks> =>
  take(api.POST("/api/v1/cases/{case_id}/call-backs", { params: { path: { case_id: caseId } }, body }));

export const sendCallBackLink = (caseId: string, signalId: string): Promise<CallBacks> =>
  take(api.POST("/api/v1/cases/{case_id}/call-backs/{signal_id}/link", { params: { path: { case_id: caseId, signal_id: signalId } } }));

export const callBackListKey = ["call-backs"] as const;

/** Who waits for a call; or who said that it is not done. */
export const callBackListQuery = (area: string, unresolved: boolean) =>
  queryOptions({
    queryKey: [...callBackListKey, area, unresolved] as const,
    queryFn: ({ signal }): Promise<CallBackList> => take(api.GET("/api/v1/call-backs", { params: { query: { area, unresolved } }, signal })),
    staleTime: 30_000,
  });

/** What our own call-backs say of units in the last days. */
export const estimatesQuery = (area: string) =>
  queryOptions({
    queryKey: [...callBackListKey, area, "estimates"] as const,
    queryFn: ({ signal }): Promise<Estimates> => take(api.GET("/api/v1/call-backs/estimates", { params: { query: { area } }, signal })),
    staleTime: 30_000,
  });

/** Without a session: whose question a link is, and its two answers. */
export const publicCallBackQuery = (token: string) =>
  queryOptions({
    queryKey: ["public-call-back", token] as const,
    queryFn: ({ signal }): Promise<PublicCallBack> => take(api.GET("/api/v1/public/call-backs/{token}", { params: { path: { token } }, signal })),
    retry: false,
    staleTime: Infinity,
  });

export const answerCallBack = (token: string, body: PublicAnswer): Promise<unknown> =>
  take(api.POST("/api/v1/public/call-backs/{token}", { params: { path: { token } }, body }));
