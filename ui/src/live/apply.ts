import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import { fetchCase, keys } from "../api/queries";
import type { CasePage, CaseRow, CaseView, Entry, Overview } from "../api/types";
import { isState } from "../shared/StateMark";

const FEED_LENGTH = 30;
type CaseList = InfiniteData<CasePage, string | null>;

/** Steps of something that has its own line at its beginning and end; the server leaves them out too. */
const NOT_NEWS: ReadonlySet<string> = new Set(["import.rows", "photo.uploaded", "desk.taken", "desk.freed"]);

/** Replaces a row wherever a list shows it; order and length stay, so nothing moves. */
export function patchRow(client: QueryClient, id: string, change: Partial<CaseRow>): void {
  const patch = (row: CaseRow): CaseRow => (row.id === id ? { ...row, ...change } : row);
  client.setQueriesData<CaseList>({ queryKey: keys.caseLists }, (list) => {
    if (!list?.pages.some((page) => page.items.some((row) => row.id === id))) return list;
    return { ...list, pages: list.pages.map((page) => ({ ...page, items: page.items.map(patch) })) };
  });
  client.setQueriesData<Overview>({ queryKey: ["overview"] }, (overview) =>
    overview?.needs_me.some((row) => row.id === id)
      ? { ...overview, needs_me: overview.needs_me.map(patch) }
      : overview,
  );
}

/** The fields of a list's row out of a whole case. */
export function rowOf(view: CaseView): CaseRow {
  const { id, number, version, area, title, state, nature, category, place_text, grid, unit, community } = view;
  const { opened_at, due_at, due_state, closed_at, voices, priority, photos, order_attention } = view;
  const { returned, reopened, bounces, parties_left, outcome } = view;
  return {
    id, number, version, area, title, state, nature, category, place_text, grid, unit, community,
    opened_at, due_at, due_state, closed_at, voices, priority, photos, order_attention,
    returned, reopened, bounces, parties_left, outcome,
  };
}

function isShown(client: QueryClient, id: string): boolean {
  const lists = client.getQueriesData<CaseList>({ queryKey: keys.caseLists, type: "active" });
  if (lists.some(([, list]) => list?.pages.some((page) => page.items.some((row) => row.id === id)))) return true;
  const overviews = client.getQueriesData<Overview>({ queryKey: ["overview"], type: "active" });
  return overviews.some(([, overview]) => overview?.needs_me.some((row) => row.id === id));
}

/**
 * Applies entries to what is on screen. Cheap things (state, title, feed) at once; the rest is
 * fetched afresh, gathered so that an import of thousands costs a handful of requests.
 */
export class Applier {
  /** How long after a change the numbers and the map are fetched again; the server says, by how many screens there are. */
  refreshSeconds = 5;
  private readonly stale = new Set<string>();
  private timer = 0;
  private slowTimer = 0;

  constructor(
    private readonly client: QueryClient,
    private readonly area: string,
  ) {}

  /** Entries of one moment, oldest first. */
  entries(entries: readonly Entry[]): void {
    this.feed(entries);
    for (const { subject } of entries) if (subject.kind === "case" && subject.id) this.caseChanged(subject.id, subject.state);
    if (entries.some(({ subject }) => subject.kind === "import"))
      void this.client.invalidateQueries({ queryKey: keys.imports, exact: true });
    if (entries.some(({ action }) => action.startsWith("warning.") || action.startsWith("preventive.")))
      void this.client.invalidateQueries({ queryKey: ["warn"] });
    // all screens hear of it at the same moment and must not all ask at the same moment
    this.slowTimer ||= window.setTimeout(() => this.refetchSlow(), this.refreshSeconds * (0.5 + Math.random()) * 1_000);
  }

  /** Too far behind: everything on screen is fetched again, except lists, which ask first. */
  reset(): void {
    const { client } = this;
    void client.invalidateQueries({ predicate: ({ queryKey: [root] }) => root === "case" || root === "imports" });
    this.refetchSlow();
  }

  stop(): void {
    window.clearTimeout(this.timer);
    window.clearTimeout(this.slowTimer);
  }

  private caseChanged(id: string, state: string | null | undefined): void {
    const shown = isShown(this.client, id);
    if (shown && isState(state)) patchRow(this.client, id, { state });
    if (!shown && !this.client.getQueryState(keys.case(id))) return;
    this.stale.add(id);
    this.timer ||= window.setTimeout(() => void this.refetchRows(), 250);
  }

  private feed(entries: readonly Entry[]): void {
    this.client.setQueryData<Overview>(keys.overview(this.area), (overview) => {
      if (!overview) return overview;
      const known = new Set(overview.feed.map(({ seq }) => seq));
      const fresh = entries.filter(({ seq, action }) => !known.has(seq) && !NOT_NEWS.has(action)).reverse();
      return fresh.length > 0 ? { ...overview, feed: [...fresh, ...overview.feed].slice(0, FEED_LENGTH) } : overview;
    });
  }

  private async refetchRows(): Promise<void> {
    this.timer = 0;
    const ids = [...this.stale].slice(0, 20);
    this.stale.clear();
    for (const id of ids) {
      if (this.client.getQueryState(keys.case(id))) {
        // active: fetched now; inactive: when it is opened next
        await this.client.invalidateQueries({ queryKey: keys.case(id) });
      }
      if (!isShown(this.client, id)) continue;
      try {
        const view = await fetchCase(id);
        patchRow(this.client, id, rowOf(view));
      } catch {
        // out of sight by now, or the line is down: the next refresh brings it
      }
    }
  }

  private refetchSlow(): void {
    window.clearTimeout(this.slowTimer);
    this.slowTimer = 0;
    void this.client.invalidateQueries({ queryKey: keys.overview(this.area) });
    void this.client.invalidateQueries({ queryKey: keys.mapCases(this.area) });
  }
}
