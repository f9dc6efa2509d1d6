import { queryOptions } from "@tanstack/react-query";
import { api, take } from "./client";
import { keys } from "./queries";
import type { Contact, ContactForm, Contacts, Promises } from "./types";

/** Under the case: whatever the journal says of the case brings its contact log up to date, too. */
export const contactsQuery = (caseId: string) =>
  queryOptions({
    queryKey: [...keys.case(caseId), "contacts"] as const,
    queryFn: ({ signal }): Promise<Contacts> => take(api.GET("/api/v1/cases/{case_id}/contacts", { params: { path: { case_id: caseId } }, signal })),
  });

export const addContact = (caseId: string, body: ContactForm): Promise<Contacts> =>
  take(api.POST("/api/v1/cases/{case_id}/contacts", { params: { path: { case_id: caseId } }, body }));

export const sayKept = (contact: Pick<Contact, "id" | "version">, kept: boolean): Promise<Contacts> =>
  take(api.POST("/api/v1/contacts/{contact_id}/kept", {
    params: { path: { contact_id: contact.id }, header: { "if-match": `"${contact.version}"` } },
    body: { kept },
  }));

/** What reporters were promised and whose day is over. */
export const promisesQuery = (area: string) =>
  queryOptions({
    queryKey: ["promises", area] as const,
    queryFn: ({ signal }): Promise<Promises> => take(api.GET("/api/v1/promises", { params: { query: { area, late: true } }, signal })),
    staleTime: 30_000,
  });
