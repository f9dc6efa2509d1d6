"""What whoever told is told of each step: from templates, and only of what the case has seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from helpers import act, report, sign_in, spot, take_in_rows
from hypothesis import given
from hypothesis import strategies as st
from resolve.test_answers import facts_of, voices
from resolve.test_merging import cases

from streetwise.kernel.runtime import Runtime
from streetwise.resolve import loop
from streetwise.resolve.answers.steps import Story, steps_of
from streetwise.resolve.answers.wording import check, proposals
from streetwise.resolve.understand.draft import STEPS, TO_FILL, DraftFacts, Step, step_draft

DUE = datetime(2026, 5, 12, 10, tzinfo=UTC)


@given(
    st.builds(
        Story,
        st.sampled_from(loop.STATES),
        st.sampled_from([None, "not_our_duty", "duplicate", "not_fixed", "else"]),
        st.booleans(),
        st.booleans(),
        st.booleans(),
    )
)
def test_steps_are_of_what_has_happened(story: Story) -> None:
    found = steps_of(story)
    assert len(set(found)) == len(found)
    done = story.state in (loop.REPORTED, loop.VERIFIED, loop.CLOSED)
    assert ("extended" in found) == (story.extended and not done)
    assert ("joined" in found) == (story.joined and not done)
    assert ("reopened" in found) == (story.reopened and not done)
    assert bool(found) == (not done or (story.state == loop.CLOSED and story.outcome in STEPS))


@pytest.mark.parametrize("register", ["spoken", "written"])
@pytest.mark.parametrize("step", STEPS)
def test_every_step_has_its_words_and_makes_nothing_up(step: Step, register: Any) -> None:
    bare = step_draft(step, register, DraftFacts())
    assert bare.to_fill and TO_FILL in bare.text
    known = DraftFacts(
        number="A1", matter="路灯不亮", place="梧桐路", told_on=DUE.date(), unit="市政所",
        reason="缺配件", right_body="区水务局", due_on=DUE.date(), until=DUE.date(), other="A2",
    )  # fmt: skip
    told = step_draft(step, register, known)
    assert told.to_fill == () and "梧桐路" in told.text
    assert not any(word in told.text for word in ("已经办好", "已办结"))


def test_who_is_told_what() -> None:
    def of(way: str, **case: Any) -> list[tuple[str | None, str]]:
        facts = facts_of(way, **case)
        found = proposals(replace(facts, joined=case.get("state") == "accepted"))
        return [(one.step, one.text) for one in found]

    steps = [step for step, _ in of("call", state="accepted", extended=True, due_at=DUE)]
    assert steps == ["extended", "joined", "accepted", None]
    ((step, text),) = of("message", state="closed", outcome="not_our_duty", body="区水务局")
    assert step == "not_our_duty" and "由区水务局负责" in text
    # A platform gets an answer in its own form that says why.
    ((step, text),) = of("work_order", state="closed", outcome="duplicate", body="20260511-0001")
    assert step is None and "20260511-0001" in text and "尚未解决" in text
    ((step, text),) = of("work_order", state="closed", outcome="not_our_duty", body="区水务局")
    assert "由区水务局负责" in text
    fixed = of("call", state="closed")
    assert [step for step, _ in fixed] == [None]
    assert check(fixed[0][1], facts_of("call")).unfinished == 0


async def test_a_case_offers_its_steps(runtime: Runtime, client: httpx.AsyncClient) -> None:
    rows = [
        report("S1", "路灯", "梧桐路的路灯坏了三天，晚上看不见路。", channel="wechat", **spot(1))
    ]
    await take_in_rows(runtime, rows)
    await sign_in(client, "dispatcher")
    (case,) = await cases(runtime)
    (voice,) = (await voices(client, str(case.id)))["voices"]
    assert [one["step"] for one in voice["proposals"]] == ["received", None]
    now = (await client.get(f"/cases/{case.id}")).json()
    assert (await act(client, now, "accept")).status_code == 200
    (voice,) = (await voices(client, str(case.id)))["voices"]
    assert voice["proposals"][0]["step"] == "accepted"
    assert voice["proposal"] == voice["proposals"][0]["text"]
    assert "已受理" in voice["proposal"] and TO_FILL not in voice["proposal"]
