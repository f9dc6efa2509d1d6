"""The benchmark on real letters: its models and its cuts, on letters made up here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.kernel_ridge import KernelRidge  # type: ignore[import-untyped]

from bench.letters import MISSING, Letters, make_features, plain_text, read_letters
from bench.real_text import (
    OTHER,
    fewer,
    folds,
    guesses,
    interval,
    mean_f1,
    measure,
    verdicts,
)
from bench.text_models import RIDGE, Sight, linear, names_only, ridge, self_trained, shipped

LAMP, WASTE = "路灯不亮晚上很黑看不见", "垃圾没人清理臭味很大"


def made_up(labelled: int = 40, unlabelled: int = 60) -> Letters:
    """Letters about lamps and waste in turn, each with two characters of its own."""
    titles, details = [], []
    for i in range(labelled + unlabelled):
        subject = (LAMP, WASTE)[i % 2]
        title_from = i % 4
        titles.append(subject[title_from : title_from + 4])
        details.append(f"第{i}号信反映{subject}{chr(0x4E00 + 37 * i)}{chr(0x5E00 + 91 * i)}")
    labels = np.arange(labelled) % 2
    groups = np.arange(labelled) // 4 * 2 + labels
    tree = [("甲", "路灯"), ("乙", "垃圾清理"), ("甲", "照明"), ("丙", "其他")]
    return Letters(titles, details, labels, ["甲", "乙"], groups, {2: 0, 3: labelled}, tree)


def test_ridge_is_weighted_kernel_ridge_of_each_question() -> None:
    rng = np.random.default_rng(3)
    points, asked = rng.normal(size=(30, 5)), rng.normal(size=(7, 5))
    labels, weights = rng.integers(0, 3, 30), rng.uniform(0.2, 1, 30)
    scores = ridge(points @ points.T, asked @ points.T, labels, weights, 3)
    for c in range(3):
        mine = labels == c
        w = weights / np.where(mine, weights[mine].sum(), weights[~mine].sum())
        w *= weights.sum() / 2
        target = np.where(mine, 1.0, -1.0)
        middle = np.average(target, weights=w)
        slow: Any = KernelRidge(alpha=RIDGE, kernel="linear")
        slow.fit(points, target - middle, sample_weight=w)
        assert np.allclose(scores[:, c], slow.predict(asked) + middle)


def test_no_group_is_on_both_sides_and_all_are_tested() -> None:
    letters = made_up()
    tested_once = np.zeros(40, dtype=int)
    for _, learnt, tested in folds(letters, 1):
        assert not set(letters.groups[learnt]) & set(letters.groups[tested])
        tested_once[tested] += 1
    assert (tested_once == 1).all()


def test_fewer_keeps_the_shares_of_labels() -> None:
    labels = np.repeat([0, 1], [60, 20])
    some = fewer(np.arange(80), labels, 20, seed=1)
    assert np.bincount(labels[some]).tolist() == [15, 5]
    assert fewer(np.arange(80), labels, 200, seed=1).size == 80


def test_models_tell_lamps_from_waste() -> None:
    letters = made_up()
    features = make_features(letters)
    unlabelled = np.setdiff1d(np.arange(40, 100), features.copies)
    sight = Sight(features, 0.1)
    for model in (
        linear(Sight(features), 2),
        linear(sight, 2),
        self_trained(sight, 2, unlabelled, 5),
        names_only(features, 1),
    ):
        assert mean_f1(letters.labels, guesses(letters, model, 1)) > 0.9


def test_self_training_takes_from_every_class() -> None:
    """Words of a class that only unlabelled letters join to known ones become its words."""
    letters = made_up(8, 200)
    features = make_features(letters)
    rows, labels = np.arange(8), letters.labels
    seen = self_trained(Sight(features), 2, np.arange(8, 150), 30)(
        rows, labels, np.arange(150, 208)
    )
    assert (seen.argmax(axis=1) == np.arange(150, 208) % 2).all()


def test_interval_holds_the_figure_and_narrows_to_nothing_where_all_is_right() -> None:
    letters = made_up()
    right = np.stack([letters.labels] * 2)
    assert interval(letters, right) == pytest.approx((1.0, 1.0))
    some_wrong = right.copy()
    some_wrong[:, ::7] = 1 - some_wrong[:, ::7]
    low, high = interval(letters, some_wrong)
    assert low < mean_f1(letters.labels, some_wrong) < high
    assert 0.05 < high - low < 0.5


def test_numbers_and_anonymised_places_are_one_sign() -> None:
    assert plain_text("A3区12号K8县A市KTV") == plain_text("B7区305号C1县L市KTV")


def test_verdicts_are_rows_and_numbers_only() -> None:
    read = verdicts({2: 0, 3: 495, 4: 4821})
    assert len({one.at for one in read}) == len(read) == 289
    assert {one.drawn for one in read} == {"missed", "random", "natural"}
    assert all(OTHER <= label <= 6 for one in read for label in one.fits)
    assert all(one.at < 495 or one.drawn == "natural" for one in read)


def test_without_the_letters_there_are_no_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read_letters(tmp_path) is None
    monkeypatch.setattr("bench.real_text.read_letters", lambda: read_letters(tmp_path))
    told: list[str] = []
    say: Callable[[str], None] = told.append
    assert measure(say, quick=True) == []
    assert told == [f"real_text: {MISSING}"]


def test_real_letters_are_read() -> None:
    letters = read_letters()
    if letters is None:
        pytest.skip(MISSING)
    assert len(letters.labels) == 495
    assert len(letters.names) == 7
    assert len(letters.titles) == 495 + 4326 + 2816
    assert 470 < len(np.unique(letters.groups)) < 495
    assert letters.labels[98] != letters.labels[310], "one letter that stands there with two labels"
    assert letters.groups[98] == letters.groups[310]


def test_the_shipped_engine_is_asked_as_the_others_are() -> None:
    letters = made_up(40, 60)
    learnt, asked = np.arange(20), np.arange(20, 40)
    scores = shipped(letters, np.arange(40, 100))(learnt, letters.labels[learnt], asked)
    assert scores.shape == (20, 2)
    assert (scores.argmax(axis=1) == letters.labels[asked]).all()
