"""``streetwise eval merge``: counts against a slow reference, files of anybody, the command."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from streetwise.cli import main
from streetwise.evaluation.grouping import agreement
from streetwise.evaluation.merge import after_learning, score_groups, score_pairs
from streetwise.evaluation.merge_files import (
    TruePair,
    read_pairs,
    read_places,
    read_signals,
    read_truth,
)
from streetwise.kernel.errors import Invalid

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "text"

SIGNALS = """\
id,channel,at,title,text,lon,lat,refers_to
s1,phone,2026-05-04T08:00:00+08:00,路灯,青枫小区南门的路灯不亮了三天了,,,
s2,app,2026-05-04T10:00:00+08:00,,青枫小区门口路灯坏了晚上太黑,116.9000,40.1000,
s3,phone,2026-05-04T11:00:00+08:00,垃圾,青枫小区南门堆了一大堆生活垃圾没人清,,,
s4,phone,2026-05-05T09:00:00+08:00,催办,催一下 s1 那件事,,,s1
s5,app,2026-05-05T09:30:00+08:00,谢谢,昨天的事办得很好,,,
"""
TRUTH = """\
id,problem,category,place,errors
s1,lamp,urban-management:P-01-37,CP-1,
s2,lamp,urban-management:P-01-37,CP-1,mistyped
s3,litter,urban-management:E-01-10,CP-1,
s4,lamp,urban-management:P-01-37,CP-1,
s5,,,,
"""
PLACES = """\
code,name,kind,lon,lat,aliases,parent
CP-1,青枫小区,compound,116.9001,40.1001,青枫,
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name, content in {"signals": SIGNALS, "truth": TRUTH, "places": PLACES}.items():
        (tmp_path / f"{name}.csv").write_text(content, encoding="utf-8")
    return tmp_path


# --- counts -------------------------------------------------------------------------------

_GROUPS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=25)


@given(_GROUPS)
def test_counts_are_those_of_looking_at_each_pair(labels: list[tuple[int, int]]) -> None:
    found, true = [a for a, _ in labels], [b for _, b in labels]
    reached = agreement(found, true)
    precision, recall = _pairwise(found, true)
    assert reached.precision == pytest.approx(precision)
    assert reached.recall == pytest.approx(recall)
    assert reached.bcubed_precision == pytest.approx(_bcubed(found, true))
    assert reached.bcubed_recall == pytest.approx(_bcubed(true, found))


def _pairwise(found: Sequence[int], true: Sequence[int]) -> tuple[float, float]:
    """Slowly: every pair of signals."""
    pairs = list(combinations(range(len(found)), 2))
    joined = {(a, b) for a, b in pairs if found[a] == found[b]}
    belong = {(a, b) for a, b in pairs if true[a] == true[b]}
    right = len(joined & belong)
    return (right / len(joined) if joined else 1.0, right / len(belong) if belong else 1.0)


def _bcubed(found: Sequence[int], true: Sequence[int]) -> float:
    """Slowly: for each signal, the share of its group that belongs with it."""
    shares = []
    for at in range(len(found)):
        group = [other for other in range(len(found)) if found[other] == found[at]]
        shares.append(sum(true[other] == true[at] for other in group) / len(group))
    return sum(shares) / len(shares)


def test_one_big_group_is_all_recall_and_little_precision() -> None:
    reached = agreement([1] * 4, ["a", "a", "b", "c"])
    assert (reached.recall, reached.bcubed_recall) == (1, 1)
    assert reached.precision == pytest.approx(1 / 6)
    assert reached.bcubed_precision == pytest.approx((2 / 4 * 2 + 1 / 4 * 2) / 4)


# --- groups -------------------------------------------------------------------------------


def test_a_small_street_is_grouped_and_scored(files: Path) -> None:
    score = score_groups(
        read_signals(files / "signals.csv"),
        read_truth(files / "truth.csv"),
        read_places(files / "places.csv"),
    )
    assert score.overall.signals == 4  # the thanks is about no problem
    assert (score.overall.precision, score.overall.recall) == (1, 1)
    assert score.overall.groups == 2
    assert score.by["hard"].signals == 1
    assert score.by_channels["app+phone"] == {"pairs": 2, "precision": 1.0, "recall": 1.0}


def test_a_signal_of_two_problems_is_right_with_either(files: Path) -> None:
    truth = TRUTH + "s2,litter,urban-management:E-01-10,CP-1,\n"
    (files / "truth.csv").write_text(truth, encoding="utf-8")
    known = read_truth(files / "truth.csv")
    assert known["s2"].problems == ("lamp", "litter")
    score = score_groups(
        read_signals(files / "signals.csv"), known, read_places(files / "places.csv")
    )
    assert (score.overall.precision, score.overall.recall) == (1, 1)


def test_problems_that_follow_close_count_as_one_only_when_asked(files: Path) -> None:
    from datetime import timedelta

    truth = TRUTH.replace("s2,lamp", "s2,second")
    (files / "truth.csv").write_text(truth, encoding="utf-8")
    signals, places = read_signals(files / "signals.csv"), read_places(files / "places.csv")
    known = read_truth(files / "truth.csv")
    strict = score_groups(signals, known, places)
    standing = score_groups(signals, known, places, overlap=timedelta(hours=24))
    assert strict.overall.precision < 1
    assert strict.same_kind_share == 1
    assert standing.overall.precision == 1


def test_what_taught_the_classes_is_not_judged(files: Path) -> None:
    signals, known = read_signals(files / "signals.csv"), read_truth(files / "truth.csv")
    judged, guess = after_learning(signals, known, 0.5)
    assert [one.id for one in judged] == ["s3", "s4"]  # s5 is about no problem
    assert guess is not None
    assert after_learning(signals, known, 0.0, ["CP-1"]) == ([], None)


# --- pairs and files ----------------------------------------------------------------------


def test_pairs_are_named_by_row_or_by_id(files: Path) -> None:
    signals = read_signals(files / "signals.csv")
    pairs = [TruePair("s1", "s4", "same"), TruePair("2", "4", "different"),
             TruePair("s1", "s3", "unsure")]  # fmt: skip
    score = score_pairs(signals, pairs, read_places(files / "places.csv"))
    assert (score.pairs, score.same, score.joined, score.right) == (2, 1, 1, 1)
    with pytest.raises(Invalid, match="no signal has"):
        score_pairs(signals, [TruePair("s1", "nobody", "same")])


def test_the_public_columns_are_understood(tmp_path: Path) -> None:
    path = tmp_path / "messages.csv"
    path.write_text(
        "留言编号,留言用户,留言主题,留言时间,留言详情\n"
        "188006,u,路灯不亮,2019/2/28 11:25:05,请来修\n",
        encoding="gb18030",
    )
    (signal,) = read_signals(path)
    assert (signal.id, signal.row, signal.title, signal.text) == ("188006", 2, "路灯不亮", "请来修")
    assert signal.at.isoformat() == "2019-02-28T11:25:05+00:00"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("id,text\n1,a\n", "no column at"),
        ("id,at,text\n1,yesterday,a\n", "is no time"),
        ("id,at,text,lon\n1,2026-01-01,a,east\n", "is no number"),
    ],
)
def test_bad_signals_say_what_is_wrong(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "signals.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(Invalid, match=said):
        read_signals(path)


def test_a_verdict_must_be_one_of_three(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text("row_a,row_b,verdict\n2,3,perhaps\n", encoding="utf-8")
    with pytest.raises(Invalid, match="verdict"):
        read_pairs(path)


# --- the command --------------------------------------------------------------------------


def test_the_command_prints_one_json_object(files: Path) -> None:
    arguments = ["eval", "merge", "--signals", f"{files}/signals.csv", "--truth"]
    arguments += [f"{files}/truth.csv", "--places", f"{files}/places.csv"]
    done = CliRunner().invoke(main, [*arguments, "--json"])
    assert done.exit_code == 0
    figures = json.loads(done.stdout)
    names = ("precision", "recall", "f1", "bcubed_precision", "bcubed_recall", "bcubed_f1")
    assert [figures[name] for name in names] == [1.0] * 6
    assert "signals 4" not in done.stdout
    told = CliRunner().invoke(main, arguments)
    assert told.exit_code == 0
    assert "hard 1" in told.stdout


def test_the_command_wants_truth_or_pairs(files: Path) -> None:
    done = CliRunner().invoke(main, ["eval", "merge", "--signals", f"{files}/signals.csv"])
    assert done.exit_code == 2


# --- real letters -------------------------------------------------------------------------


def test_all_exact_repeats_of_real_letters_are_found() -> None:
    found = sorted(REAL.glob("附件3*.xlsx"))
    if not found:
        pytest.skip("no ../shared/data/text here: no real letters")
    from streetwise.evaluation.merge_hearing import hear
    from streetwise.resolve.understand.merge import Known, decide

    signals = read_signals(found[0])
    heard = hear(signals)
    # A repeat is compared with the first letter of its text, after which it came.
    first: dict[str, int] = {}
    missed, repeats = [], 0
    for at in sorted(range(len(signals)), key=lambda at: (signals[at].at, at)):
        text = "".join(signals[at].text.split())
        if text not in first:
            first[text] = at
            continue
        repeats += 1
        old = heard[first[text]]
        if decide(heard[at], [Known(old.id, (old,))]).kind != "join":
            missed.append((signals[first[text]].row, signals[at].row))
    assert repeats == 109
    assert missed == []
