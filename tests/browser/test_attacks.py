"""Stored scripts stay text: every text that people or files bring, on every page that shows it."""

from __future__ import annotations

from browser_helpers import by_id, sign_in
from helpers import SYSTEM, report, take_in_rows
from playwright.async_api import Dialog, Page, expect
from sqlalchemy import select, update

from streetwise.directory.tables import Grid, Place, Unit
from streetwise.gather.tables import ImportBatch, Signal
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.runtime import Runtime
from streetwise.resolve.tables import Case, Note

#: Each runs in some way of putting a text into a page, and says so on the window.
ATTACK = (
    "<img src=x onerror=\"window.hit='img'\"><script>window.hit='script'</script>"
    '<svg onload="window.hit=\'svg\'"></svg>"><b id=hit>{{7*7}}${7*7}</b>'
    "javascript:window.hit='link'"
)


async def plant(runtime: Runtime) -> str:
    """The attack in every text of a case, its signal, its notes, and the directory's names."""
    await take_in_rows(runtime, [report("1", "路灯", "梧桐路的路灯坏了三天了，请尽快处理")])
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        session = uow.session
        case = (await session.execute(select(Case))).scalar_one()
        note = Note(
            id=new_id(), case_id=case.id, kind="report", text=ATTACK, author="system:x",
            written_at=uow.now,
        )  # fmt: skip
        session.add(note)
        case.title = case.place_text = ATTACK
        case.category_code, case.category_scheme, case.category_version = ATTACK, "x", "1"
        case.unit_id = await session.scalar(select(Unit.id).where(Unit.code == "dep1"))
        await session.execute(
            update(Signal).values(
                title=ATTACK, text=ATTACK, reply=ATTACK, place_text=ATTACK, channel=ATTACK,
                upstream_category=ATTACK, source_key=ATTACK, facts={ATTACK: ATTACK},
            )
        )  # fmt: skip
        await session.execute(update(ImportBatch).values(file_name=ATTACK[-200:]))
        for table in (Unit, Grid, Place):
            await session.execute(update(table).values(name=ATTACK))
        uow.record(
            Entry(
                "system:x", "case.reported", "case", case.id, area=case.area, grade=2,
                units=[], data={"note": str(note.id), "to": "reported", "unit_name": ATTACK},
            )
        )  # fmt: skip
        return str(case.id)


async def test_what_was_stored_runs_nowhere(page: Page, address: str, runtime: Runtime) -> None:
    case_id = await plant(runtime)
    dialogs: list[str] = []

    async def dismiss(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        await dialog.dismiss()

    page.on("dialog", dismiss)
    await sign_in(page, address, "dispatcher")
    for path, waits_for in (
        ("/", "needs-me-row"),
        ("/cases", "case-row"),
        (f"/cases/{case_id}", None),
        ("/imports", None),
    ):
        await page.goto(address + path)
        shown = by_id(page, waits_for).first if waits_for else page.get_by_text("onerror").first
        await expect(shown).to_be_visible()
        assert await page.evaluate("window.hit") is None, path
        assert await page.locator("#hit, img[src='x'], svg[onload]").count() == 0, path
    assert dialogs == []
