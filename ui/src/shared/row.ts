/** Scroll a row sideways, and nothing around it, until the item that is chosen in it is seen. */
export function showChosen(row: HTMLElement | null, selector: string): void {
  const chosen = row?.querySelector(selector)?.getBoundingClientRect();
  if (!row || !chosen) return;
  const room = row.getBoundingClientRect();
  if (chosen.left < room.left || chosen.right > room.right) row.scrollLeft += chosen.left - room.left - (room.width - chosen.width) / 2;
}
