import createClient from "openapi-fetch";
import { Problem } from "./problem";
import type { paths } from "./schema";
import type { ProblemBody } from "./types";

type Listener = () => void;
const signedOut = new Set<Listener>();

/** Called when the server says that the session is over. */
export function onSignedOut(listener: Listener): () => void {
  signedOut.add(listener);
  return () => signedOut.delete(listener);
}

async function guardedFetch(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw Problem.offline();
  }
}

/** Says that a change comes from our own screen, in browsers that do not say so themselves. */
const OURS = { "X-Requested-With": "streetwise" };

/** Typed by the server's own OpenAPI document. */
export const api = createClient<paths>({ baseUrl: window.location.origin, credentials: "same-origin", headers: OURS, fetch: guardedFetch });

/** 401s of somebody who was not signed in. */
const NOT_AN_END = new Set(["wrong_login", "sign_in_over"]);

function refusal(status: number, body: unknown): Problem {
  const known = typeof body === "object" && body !== null ? (body as Partial<ProblemBody>) : {};
  const problem = new Problem({ ...known, status });
  if (status === 401 && !NOT_AN_END.has(problem.code)) signedOut.forEach((tell) => tell());
  return problem;
}

interface Answer<T> { data?: T; error?: unknown; response: Response }

/** The answer's content, or its problem thrown. */
export async function take<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call;
  if (response.ok) return data as T;
  throw refusal(response.status, error);
}

/** A file goes up by XMLHttpRequest, because fetch cannot say how far it is. */
export function upload<T>(path: string, form: FormData, onProgress?: (share: number) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.setRequestHeader("X-Requested-With", OURS["X-Requested-With"]);
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) onProgress?.(event.loaded / event.total);
    });
    request.addEventListener("error", () => reject(Problem.offline()));
    request.addEventListener("abort", () => reject(Problem.offline()));
    request.addEventListener("load", () => {
      let body: unknown = null;
      try {
        body = JSON.parse(request.responseText);
      } catch {
        // a gateway's page; the status says enough
      }
      if (request.status >= 200 && request.status < 300) resolve(body as T);
      else reject(refusal(request.status, body));
    });
    request.send(form);
  });
}
