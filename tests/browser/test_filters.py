"""Filters stand in the address: who is faster than the page takes back nothing by the next one."""

from __future__ import annotations

from browser_helpers import by_id, sign_in
from playwright.async_api import Page, expect

#: Does one thing, and another as soon as the address has changed but before the page is drawn
#: again: only promises run in between. Answers whether the page still showed the old address.
FASTER = """
async ([first, second, words]) => {
  const find = (id) => document.querySelector(`[data-testid=${id}]`);
  const before = location.search;
  const shown = find("NAME").outerHTML;
  find(first).click();
  for (let turn = 0; location.search === before && turn < 1000; turn += 1) await null;
  const undrawn = location.search !== before && find("NAME").outerHTML === shown;
  const target = find(second);
  if (words === null) target.querySelector("button").click();
  else {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(target, words);
    target.dispatchEvent(new Event("input", { bubbles: true }));
  }
  return undrawn;
}
"""


async def faster(page: Page, first: str, second: str, words: str | None) -> None:
    """Click the first and type into the second (or press its button) before anything is drawn."""
    script = FASTER.replace("NAME", first)
    assert await page.evaluate(script, [first, second, words]), "the page was drawn in between"


async def test_typing_takes_back_no_filter_that_was_just_taken_off(
    page: Page, address: str
) -> None:
    await sign_in(page, address, "data_steward", "/cameras?state=live")
    await expect(by_id(page, "state-live")).to_have_attribute("aria-pressed", "true")
    await faster(page, "state-live", "cameras-find", "wt")
    await expect(page).to_have_url(f"{address}/cameras?q=wt")
    await expect(by_id(page, "state-live")).to_have_attribute("aria-pressed", "false")


async def test_a_filter_taken_off_takes_back_no_tab_that_was_just_chosen(
    page: Page, address: str
) -> None:
    await sign_in(page, address, "dispatcher", "/cases?state=open&q=wt")
    await expect(by_id(page, "tab-open")).to_have_attribute("aria-selected", "true")
    await faster(page, "tab-all", "q-chip", None)
    await expect(page).to_have_url(f"{address}/cases")
    await expect(by_id(page, "tab-all")).to_have_attribute("aria-selected", "true")
