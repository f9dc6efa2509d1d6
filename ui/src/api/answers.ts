import { queryOptions } from "@tanstack/react-query";
import { api, take } from "./client";
import { keys } from "./queries";
import type { Answers, Assist, AnswerCheck, NoticeOffer, PetitionLetter, SimilarAnswer, TellerVoice } from "./types";

/** Under the case: whatever the journal says of the case brings its answers up to date, too. */
const key = (caseId: string) => [...keys.case(caseId), "answers"] as const;

export const answersQuery = (caseId: string) =>
  queryOptions({
    queryKey: key(caseId),
    queryFn: ({ signal }): Promise<Answers> => take(api.GET("/api/v1/cases/{case_id}/answers", { params: { path: { case_id: caseId } }, signal })),
  });

export const similarQuery = (caseId: string) =>
  queryOptions({
    queryKey: [...key(caseId), "similar"] as const,
    queryFn: async ({ signal }): Promise<SimilarAnswer[]> =>
      (await take(api.GET("/api/v1/cases/{case_id}/answers/similar", { params: { path: { case_id: caseId } }, signal }))).items,
    staleTime: 60_000,
  });

export const letterQuery = (caseId: string, letterId: string) =>
  queryOptions({
    queryKey: [...keys.case(caseId), "letter", letterId] as const,
    queryFn: ({ signal }): Promise<PetitionLetter> => take(api.GET("/api/v1/cases/{case_id}/letters/{letter_id}", { params: { path: { case_id: caseId, letter_id: letterId } }, signal })),
  });

/** Tells a petitioner in writing: it takes longer, it is not accepted, it was passed on. */
export const issueNotice = (caseId: string, signalId: string, kind: NoticeOffer["kind"], addressee: string, text: string): Promise<Answers> =>
  take(api.POST("/api/v1/cases/{case_id}/answers/{signal_id}/notice", { params: { path: { case_id: caseId, signal_id: signalId } }, body: { kind, addressee, text } }));

export const issueLetter = (caseId: string, signalId: string, kind: "reply" | "decision", addressee: string): Promise<Answers> =>
  take(api.POST("/api/v1/cases/{case_id}/answers/{signal_id}/letter", { params: { path: { case_id: caseId, signal_id: signalId } }, body: { kind, addressee } }));

/** The words of an answer, and whether a machine wrote them first. */
export interface Written { text: string; machine: boolean }

const of = (caseId: string, voice: TellerVoice) => ({
  path: { case_id: caseId, signal_id: voice.signal_id },
  header: { "if-match": `"${voice.version}"` },
});

export const checkAnswer = (caseId: string, voice: TellerVoice, text: string, signal: AbortSignal): Promise<AnswerCheck> =>
  take(api.POST("/api/v1/cases/{case_id}/answers/{signal_id}/check", { params: { path: of(caseId, voice).path }, body: { text }, signal }));

export const saveAnswer = (caseId: string, voice: TellerVoice, body: Written): Promise<Answers> =>
  take(api.PUT("/api/v1/cases/{case_id}/answers/{signal_id}", { params: of(caseId, voice), body }));

export const withdrawAnswer = (caseId: string, voice: TellerVoice): Promise<Answers> =>
  take(api.DELETE("/api/v1/cases/{case_id}/answers/{signal_id}", { params: of(caseId, voice) }));

/** Answers on the versions that are shown: the voice's, and that of its work order. */
export const giveAnswer = (caseId: string, voice: TellerVoice, written: Written): Promise<Answers> =>
  take(api.POST("/api/v1/cases/{case_id}/answers/{signal_id}/give", {
    params: of(caseId, voice),
    body: { ...written, interim: voice.interim_only, order_version: voice.order?.version ?? null },
  }));

export const askMachine = (caseId: string, kind: "summary" | "draft", signalId: string | null): Promise<Assist> =>
  take(api.POST("/api/v1/cases/{case_id}/assist/{kind}", { params: { path: { case_id: caseId, kind } }, body: { signal_id: signalId } }));
