"""What does not go straight in the town: the shares, and that the loop knows all of it."""

from __future__ import annotations

import csv
from collections import Counter
from math import sqrt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streetwise.resolve import choices, loop
from streetwise.resolve.contacts.rules import RESULTS
from streetwise.resolve.directives import rules as directives
from streetwise.resolve.duty.rules import rules as duty_rules
from streetwise.resolve.orders import contest
from streetwise.town import astray, platform
from streetwise.town.astray import Standing, drawing
from streetwise.town.language.phrase import read_yaml
from streetwise.town.said import knows, said

RATES = read_yaml("astray.yaml")
MANY = 20_000
#: Grounds by list: what the product lets choose.
CHOICES = {
    "return_wrong": choices.grounds("return"),
    "return_right": choices.grounds("return"),
    "whistle": choices.grounds("whistle"),
    "reopen": choices.grounds("reopen"),
    "appeal": choices.grounds("appeal"),
    "contest": [one.code for one in contest.grounds(platform.CHANNEL)],
    "call": RESULTS,
    "directive": list(directives.kinds()),
    "duty": duty_rules().log_kinds,
}
#: What staff write with an action: by its grounds, or the same for all.
WORDS = {
    "return": choices.grounds("return"),
    "whistle": choices.grounds("whistle"),
    "appeal": choices.grounds("appeal"),
    "close_otherwise": [one.code for one in choices.outcomes("handling")],
    "directive": list(directives.kinds()),
    "duty_log": RATES["grounds"]["duty"],
}


def near(count: int, of: int, share: float) -> bool:
    """Within four standard deviations of what is to be expected."""
    return abs(count - of * share) <= 4 * sqrt(of * share * (1 - share)) + 1


def test_every_share_is_one_and_says_where_it_comes_from() -> None:
    for name, one in RATES["shares"].items():
        assert 0 < one["share"] < 1, name
        assert one["of"] and one["source"], name


@pytest.mark.parametrize("name", list(CHOICES))
def test_every_ground_is_one_that_the_product_knows(name: str) -> None:
    assert set(RATES["grounds"][name]) <= set(CHOICES[name])
    drawn = Counter(astray.ground(name, drawing(1, str(n))("x")) for n in range(3000))
    whole = sum(RATES["grounds"][name].values())
    for code, weight in RATES["grounds"][name].items():
        assert near(drawn[code], 3000, weight / whole), code


@pytest.mark.parametrize("action", list(WORDS))
def test_there_are_words_for_every_ground(action: str) -> None:
    for code in WORDS[action]:
        words = {said(action, code, drawing(1, str(n))("x")) for n in range(20)}
        assert all(words)
        assert not any(sign in word for word in words for sign in "(|)")


@given(
    state=st.sampled_from(loop.OPEN_STATES),
    nature=st.sampled_from(["problem", "hazard", "dispute", "request"]),
    returned=st.integers(0, 3),
    reopened=st.integers(0, 2),
    asked=st.sampled_from([None, "extension", "suspension"]),
    parties=st.lists(st.sampled_from(["called", "here", "reported", "released"]), max_size=3),
    misdirected=st.booleans(),
    straight=st.booleans(),
    number=st.integers(0, 10**6),
)
def test_what_follows_is_a_line_of_the_loop(
    state: str,
    nature: str,
    returned: int,
    reopened: int,
    asked: str | None,
    parties: list[str],
    misdirected: bool,
    straight: bool,
    number: int,
) -> None:
    case = Standing(
        state, nature, returned, reopened, asked, parties, misdirected, straight=straight
    )
    draw = drawing(1, str(number))
    step = astray.goes_on(case, draw)
    assert step == astray.goes_on(case, drawing(1, str(number)))
    if step is None:
        assert state == "handling"
        assert {"called", "here"} & set(parties)
    elif step != "contest":  # of its work order, not of the case
        assert step in loop.actions_in(state)
        line = next(one for one in loop.TRANSITIONS if (one.action, one.source) == (step, state))
        # Of words that it cannot do without there are some.
        assert "note" not in line.needs or step == "report" or knows(step)


def test_it_happens_as_often_as_is_planted() -> None:
    """A town of cases, by their numbers: each share is what is drawn, within chance."""
    found: Counter[str] = Counter()
    for n in range(MANY):
        draw = drawing(3, f"CT-{n}")
        outcome = astray.end(draw)
        found[outcome or "dispatched"] += 1
        wrong = astray.goes_wrong(draw, 0)
        found["misdirected"] += wrong
        found["misdirected_again"] += astray.goes_wrong(draw, 1)
        step = astray.goes_on(Standing("dispatched", misdirected=wrong), draw)
        found[f"{'wrong' if wrong else 'right'} {step}"] += 1
        found[f"handling {astray.goes_on(Standing('handling'), draw)}"] += 1
        found[f"ended {astray.after_the_end(draw, late=False, held=True)}"] += 1
    share = astray.share
    for outcome in ("not_our_duty", "duplicate", "unverifiable", "withdrawn"):
        assert near(found[outcome], MANY, share(outcome)), outcome
    misled = found["misdirected"]
    right = MANY - misled
    assert near(misled, MANY, share("misdirected"))
    assert near(found["misdirected_again"], misled, share("misdirected_again"))
    assert near(found["wrong return"], misled, share("wrong_returned"))
    assert near(found["wrong reassign"], misled, share("wrong_reassigned"))
    assert near(found["right return"], right, share("returned"))
    assert near(found["right contest"], right, share("contested"))
    assert near(found["handling whistle"], MANY, share("whistled"))
    left = MANY - found["handling whistle"]
    assert near(found["handling close_otherwise"], left, share("not_fixed"))
    assert near(found["ended reopen"], MANY, share("reopened"))
    assert near(found["ended appeal"], MANY - found["ended reopen"], share("appealed"))


def test_contests_are_heard_the_same_each_time() -> None:
    heard = [platform.contest_verdict(f"RX{n}") for n in range(2000)]
    assert heard == [platform.contest_verdict(f"RX{n}") for n in range(2000)]
    assert near(sum(one.accepted for one in heard), 2000, astray.share("contest_accepted"))
    assert all(one.hours > 0 for one in heard)


def test_the_shares_are_written_to_the_truth(tmp_path: Path) -> None:
    astray.write_rates(tmp_path / "rates.csv")
    with (tmp_path / "rates.csv").open(encoding="utf-8") as file:
        rows = {row["key"]: row for row in csv.DictReader(file) if row["kind"] == "share"}
    assert set(rows) == set(RATES["shares"])
    assert float(rows["reopened"]["value"]) == astray.share("reopened")
