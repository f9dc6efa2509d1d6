import type { TFunction } from "i18next";
import type { ProblemBody } from "./types";

/** Anything the server refused, or the fact that it could not be reached. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly params: Record<string, unknown>;
  readonly detail: string | undefined;
  readonly requestId: string | null | undefined;

  constructor(body: ProblemBody) {
    super(body.detail ?? body.title ?? body.code ?? String(body.status));
    this.name = "Problem";
    this.status = body.status;
    this.code = body.code ?? fallbackCode(body.status);
    this.params = body.params ?? {};
    this.detail = body.detail;
    this.requestId = body.request_id;
  }

  static offline(): Problem {
    return new Problem({ status: 0, code: "offline" });
  }
}

function fallbackCode(status: number): string {
  if (status === 0) return "offline";
  if (status === 401) return "unauthenticated";
  if (status === 403) return "forbidden";
  if (status === 404) return "not_found";
  if (status === 412) return "stale_version";
  if (status === 413) return "file_too_large";
  if (status === 422) return "validation";
  if (status === 428) return "precondition_required";
  if (status === 429) return "too_many_requests";
  if (status === 502 || status === 503 || status === 504) return "unavailable";
  return "internal";
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof TypeError) return Problem.offline();
  return new Problem({ status: 500, code: "internal", detail: error instanceof Error ? error.message : undefined });
}

/** The sentence for a problem: from our own words, else what the server said. */
export function problemSentence(t: TFunction, error: unknown): string {
  const problem = asProblem(error);
  const params = Object.fromEntries(
    Object.entries(problem.params).map(([name, value]) => [name, Array.isArray(value) ? value.join(t("common.list")) : value]),
  );
  const known = t(`problem.${problem.code}`, { ...params, defaultValue: "" });
  if (known && !known.includes("{{")) return known;
  return problem.detail ?? t("problem.internal");
}
