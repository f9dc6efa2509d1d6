import { queryOptions } from "@tanstack/react-query";
import { api, take } from "./client";
import { keys } from "./queries";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Petition = Schemas["PetitionView"];
export type PetitionOffer = Schemas["PetitionOffer"];
export type PetitionForm = Schemas["PetitionForm"];
export type PetitionReview = Schemas["PetitionReviewView"];
export type PetitionPeriod = Schemas["PetitionPeriodView"];
export type PetitionRow = Schemas["PetitionRow"];
export type PetitionPage = Schemas["PetitionPage"];
export const PETITION_LISTS = ["running", "redo", "served", "ended"] as const;
export type PetitionWhat = (typeof PETITION_LISTS)[number];

/** What stands under this is asked anew after every change of a petition. */
export const petitionKeys = { all: ["petitions"] as const };
export const PETITION_PAGE = 50;

/** The petitions of a case that were answered, with what follows. */
export const petitionsQuery = (id: string) =>
  queryOptions({
    // under the case: whatever is answered or decided there shows at once
    queryKey: [...keys.case(id), "petitions"] as const,
    queryFn: ({ signal }) => take(api.GET("/api/v1/cases/{case_id}/petitions", { params: { path: { case_id: id } }, signal })),
  });

export const petitionListQuery = (area: string, what: PetitionWhat, offset: number) =>
  queryOptions({
    queryKey: [...petitionKeys.all, "list", area, what, offset] as const,
    queryFn: ({ signal }): Promise<PetitionPage> => take(api.GET("/api/v1/petitions", { params: { query: { area, what, offset, limit: PETITION_PAGE } }, signal })),
    staleTime: 30_000,
  });

/** Takes an action on the version of the petition that is shown. */
export const actOnPetition = (caseId: string, petition: Petition, step: PetitionOffer["action"], body: PetitionForm): Promise<Petition> =>
  take(api.POST("/api/v1/cases/{case_id}/petitions/{signal_id}/{step}", {
    params: { path: { case_id: caseId, signal_id: petition.id, step }, header: { "if-match": `"${petition.version}"` } },
    body,
  }));
