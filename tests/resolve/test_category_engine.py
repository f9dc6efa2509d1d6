"""The category engine: features, solver, calibration, memory and the whole."""

from __future__ import annotations

import random
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from streetwise.resolve.understand.calibration import (
    FEWEST_SURE,
    calibrate,
    reachable,
    reliability,
    threshold,
)
from streetwise.resolve.understand.classifier import Classifier, ForeignBytes
from streetwise.resolve.understand.features import BUCKETS, Text, grams, pieces
from streetwise.resolve.understand.lessons import CategoryGuess, ClassKey, Lesson
from streetwise.resolve.understand.memory import MOST
from streetwise.resolve.understand.ridge import ridge
from streetwise.resolve.understand.training import Recipe, surest, train, train_checked
from streetwise.resolve.understand.vocabulary import learn_vocabulary

SUBJECTS = {
    "lamp": ("路灯不亮", "灯杆歪了", "路灯一闪一闪"),
    "bin": ("垃圾桶满了", "垃圾箱溢出来", "垃圾没人收"),
    "tree": ("大树倒了", "树枝断了", "行道树枯死"),
    "water": ("水管爆了", "自来水漏水", "停水一天"),
}
PLACES = ("东街", "西巷", "南门外", "北关", "河沿", "桥头", "三号楼前", "学校旁边", "菜场门口")
ENDS = ("请处理", "好几天了", "麻烦派人来", "没人管", "希望重视", "影响出行", "")
CLASSES: tuple[ClassKey, ...] = tuple(("s", name) for name in SUBJECTS)


def told(rng: random.Random, name: str) -> Text:
    """A message about a subject; with a title now and then."""
    said = (
        f"{rng.choice(PLACES)}{rng.choice(SUBJECTS[name])}，{rng.choice(ENDS)}{rng.randint(1, 99)}"
    )
    return (rng.choice(SUBJECTS[name]) if rng.random() < 0.3 else None, said)


def lessons(count: int, seed: int = 1) -> list[Lesson]:
    rng = random.Random(seed)
    names = list(SUBJECTS)
    return [
        Lesson(*told(rng, name), ("s", name)) for name in (rng.choice(names) for _ in range(count))
    ]


@cache
def engine_bytes() -> bytes:
    return train(lessons(160), classes=CLASSES, seed=1).dump()


def engine() -> Classifier:
    """A fresh one; trained once."""
    return Classifier.load(engine_bytes())


def best(guesses: Sequence[CategoryGuess]) -> list[ClassKey | None]:
    return [guess.ranked[0].cls if guess.ranked else None for guess in guesses]


def accuracy(model: Classifier, items: Sequence[Lesson]) -> float:
    said = best(model.guess([(one.title, one.text) for one in items]))
    return sum(cls == one.cls for cls, one in zip(said, items, strict=True)) / len(items)


# --- features -----------------------------------------------------------------------------


def slow_grams(text: str) -> Counter[str]:
    """One and two neighbouring characters, folded, none across a stop: obviously right."""
    plain = ""
    for raw in text:
        one = unicodedata.normalize("NFKC", raw).casefold()[:1] or " "
        kind = unicodedata.category(one)
        if not one.isspace():
            plain += "\0" if kind[0] in "PSCZ" else "0" if kind == "Nd" else one
    found: Counter[str] = Counter()
    for length in (1, 2):
        for at in range(len(plain) - length + 1):
            if "\0" not in plain[at : at + length]:
                found[plain[at : at + length]] += 1
    return found


TEXTS = st.text(st.sampled_from("路灯不亮垃圾桶１2a ，。\n Ａ㎡𠮷"), max_size=25)


@given(st.lists(st.tuples(st.none() | TEXTS, st.none() | TEXTS), max_size=6))
def test_the_grams_are_those_of_a_plain_count(texts: list[Text]) -> None:
    batch = grams(texts, places=True)
    for part, text in enumerate(part for both in texts for part in both):
        slow = slow_grams(text or "")
        here = batch.part == part
        # Buckets of so few different n-grams do not meet.
        assert sorted(batch.count[here].tolist()) == sorted(slow.values())
    assert len(batch.entry) == batch.count.sum() == len(batch.starts)


@given(st.lists(st.tuples(st.none() | TEXTS, st.none() | TEXTS), min_size=1, max_size=5))
def test_a_batch_gives_what_one_by_one_gives(texts: list[Text]) -> None:
    batch = grams(texts)
    for at, text in enumerate(texts):
        alone = grams([text])
        here = batch.part >> 1 == at
        assert batch.bucket[here].tolist() == alone.bucket.tolist()
        assert batch.count[here].tolist() == alone.count.tolist()


def test_width_case_and_digits_are_alike() -> None:
    wide, narrow = grams([(None, "Ｎｏ１２ 路灯")]), grams([(None, "no98路灯")])
    assert wide.bucket.tolist() == narrow.bucket.tolist()


def test_nothing_at_all_has_no_grams() -> None:
    assert len(grams([]).bucket) == 0
    assert len(grams([(None, None), ("", " ，。")]).bucket) == 0
    assert len(grams([(None, "\ud800")]).bucket) == 0  # half a surrogate pair is a stop


@pytest.mark.parametrize(("says", "share"), [(0.0, 0.5), (1.0, 1 / 8)])
def test_title_and_story_share_as_the_vocabulary_says(says: float, share: float) -> None:
    """A title of one n-gram beside a story of 49 different ones, all equally rare."""
    story = "".join(chr(0x4E00 + at) for at in range(25))
    vocabulary = learn_vocabulary([("灯", None), (None, story)], fewest=1)
    vocabulary.length_says = says
    values = vocabulary.matrix(grams([("灯", story)])).toarray()[0, :-1]
    assert len(values) == 50
    # Both have length 1 by themselves; the title's n-gram is its whole length.
    assert values.max() == pytest.approx(share)
    alone = vocabulary.matrix(grams([("灯", None)])).toarray()[0, :-1]
    assert alone.max() == pytest.approx(1)


# --- solver -------------------------------------------------------------------------------


def test_the_solver_finds_what_a_direct_solution_finds() -> None:
    rng = np.random.default_rng(3)
    dense = (rng.random((60, 25)) * (rng.random((60, 25)) < 0.4)).astype(np.float32)
    labels = rng.integers(0, 4, 60)
    weights = rng.random(60).astype(np.float32) + 0.1
    target = np.where(labels[:, None] == np.arange(4), 1.0, -1.0)
    normal = dense.T @ (weights[:, None] * dense) + 0.3 * np.eye(25)
    direct = np.linalg.solve(normal, dense.T @ (weights[:, None] * target))
    matrix = sparse.csr_matrix(dense)
    found = ridge(matrix, labels, 4, weights, penalty=0.3, rounds=60)
    assert found == pytest.approx(direct, abs=2e-3)
    half = ridge(matrix, labels, 4, weights, penalty=0.3, rounds=5)
    again = ridge(matrix, labels, 4, weights, penalty=0.3, rounds=40, start=half)
    assert again == pytest.approx(direct, abs=2e-3)


# --- calibration --------------------------------------------------------------------------


def test_confidence_is_honest_on_texts_not_seen() -> None:
    rng = np.random.default_rng(5)
    truth = rng.integers(0, 5, 8_000)
    scores = rng.normal(0, 0.3, (8_000, 5)).astype(np.float32)
    scores[np.arange(8_000), truth] += 0.5
    wrong = rng.random(8_000) < 0.1  # labels that are wrong whatever the score
    labels = np.where(wrong, rng.integers(0, 5, 8_000), truth)
    half = slice(0, 4_000)
    ones = np.ones(4_000, dtype=np.float32)
    made = calibrate(scores[half], labels[half], ones, precision=0.85)
    shares = made.shares(scores[4_000:])
    right = shares.argmax(axis=1) == labels[4_000:]
    error, _ = reliability(shares.max(axis=1), right)
    assert error < 0.03
    assert shares.sum(axis=1) == pytest.approx(np.ones(4_000))
    sure = shares.max(axis=1) >= made.sure_from
    assert sure.mean() > 0.2
    assert right[sure].mean() > 0.82


def test_the_threshold_is_the_lowest_that_keeps_the_precision() -> None:
    confidence = np.linspace(0.99, 0.01, 200)
    right = np.arange(200) < 100
    reached = threshold(confidence, right, 0.8)
    answered = confidence >= reached
    assert right[answered].mean() >= 0.8
    assert right[: answered.sum() + 1].mean() < 0.8


def test_labels_that_are_wrong_now_and_then_do_not_make_it_unsure() -> None:
    """1 in 20 labels of the most confident is wrong: what can be reached is that much less."""
    confidence = np.linspace(0.99, 0.01, 1_000)
    right = np.arange(1_000) % 20 != 0
    assert reachable(confidence, right, 0.96) == pytest.approx(0.96 * 0.95)
    assert reachable(confidence, ~right, 0.96) == pytest.approx(0.96 * 0.9)
    assert reachable(confidence[:100], right[:100], 0.96) == 0.96


def test_too_few_answers_make_no_threshold() -> None:
    few = FEWEST_SURE - 1
    assert threshold(np.linspace(0.9, 0.8, few), np.ones(few, dtype=bool), 0.5) > 1


def test_the_calibration_error_of_a_known_case() -> None:
    error, bins = reliability(np.array([0.95, 0.95, 0.15, 0.15]), np.array([1, 1, 1, 0], bool))
    assert error == pytest.approx(0.5 * 0.05 + 0.5 * 0.35)
    assert [(one.texts, one.right) for one in bins] == [(2, 0.5), (2, 1.0)]


# --- guessing -----------------------------------------------------------------------------


def test_it_learns_what_it_is_taught() -> None:
    assert accuracy(engine(), lessons(200, seed=9)) > 0.97


def test_the_three_best_are_offered_and_the_reason_is_shown() -> None:
    (guess,) = engine().guess([(None, "东街的路灯不亮，请处理")])
    assert next(one.cls[1] for one in guess.ranked) == "lamp"
    assert len(guess.ranked) == 3
    confidences = [one.confidence for one in guess.ranked]
    assert confidences == sorted(confidences, reverse=True)
    assert 0 < sum(confidences) <= 1 + 1e-9
    said = "".join(guess.ranked[0].words)
    assert "灯" in said
    assert "请处理" not in said
    assert all(piece in "东街的路灯不亮，请处理" for piece in guess.ranked[0].words)


def test_it_is_sure_of_the_clear_and_not_of_the_strange() -> None:
    clear, strange, empty, mute = engine().guess(
        [(None, "路灯不亮"), ("abc", "xyz"), (None, None), ("", "，")]
    )
    assert clear.sure
    for one in (strange, empty, mute):
        assert not one.sure
        assert not one.ranked


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.none() | TEXTS, st.none() | TEXTS), max_size=6))
def test_guesses_do_not_depend_on_the_batch(texts: list[Text]) -> None:
    model = engine()
    together = model.guess(texts)
    alone = [guess for text in texts for guess in model.guess([text])]
    assert best(together) == best(alone)
    for one, other in zip(together, alone, strict=True):
        assert [r.confidence for r in one.ranked] == pytest.approx(
            [r.confidence for r in other.ranked], abs=1e-5
        )
        assert [r.words for r in one.ranked] == [r.words for r in other.ranked]


def test_only_classes_of_the_directory_are_guessed() -> None:
    some = CLASSES[:2]
    model = train(lessons(160), classes=some, seed=1)
    texts = [(one.title, one.text) for one in lessons(50, seed=4)]
    assert {r.cls for guess in model.guess(texts) for r in guess.ranked} <= set(some)
    later = engine()
    later.only({CLASSES[1]})
    later.learn([Lesson(None, "路灯不亮", ("s", "lamp"))])
    assert set(best(later.guess([(None, "路灯不亮"), (None, "大树倒了")]))) == {CLASSES[1]}
    later.only(set())
    assert best(later.guess([(None, "路灯不亮")])) == [None]


def test_without_lessons_nothing_is_guessed() -> None:
    model = train([], classes=CLASSES, seed=1)
    assert best(model.guess([(None, "路灯不亮")])) == [None]
    model.learn([Lesson(None, "路灯不亮", CLASSES[0])])
    (guess,) = model.guess([(None, "路灯不亮")])
    assert guess.ranked[0].cls == CLASSES[0]
    assert guess.taught


def test_a_class_without_lessons_is_not_guessed_before_it_is_taught() -> None:
    new = ("s", "new")
    model = train(lessons(160), classes=[*CLASSES, new], seed=1)
    texts = [(one.title, one.text) for one in lessons(100, seed=2)]
    assert new not in best(model.guess(texts))
    model.learn([Lesson(None, "有人高空抛物", new)])
    assert best(model.guess([(None, "有人高空抛物！")])) == [new]


# --- learning at once ---------------------------------------------------------------------


def test_a_correction_counts_at_once_and_for_what_is_nearly_the_same() -> None:
    model = engine()
    said = "东街路灯不亮三天了，请物业来修"
    assert best(model.guess([(None, said)])) == [("s", "lamp")]
    model.learn([Lesson(None, said, ("s", "water"))])
    near = ["东街路灯不亮3天了 请物业来修", "东街路灯不亮三天了，请物业来修。谢谢"]
    guesses = model.guess([(None, said), *((None, one) for one in near)])
    assert best(guesses) == [("s", "water")] * 3
    assert all(guess.taught for guess in guesses)


def test_hundreds_of_corrections_forget_nothing() -> None:
    """Also when all are of one class: what was right stays right but for 1 in 100."""
    model = engine()
    before = lessons(400, seed=11)
    assert accuracy(model, before) > 0.97
    rng = random.Random(12)
    new = [
        Lesson(
            None,
            f"{rng.choice(PLACES)}第{n}家{rng.choice('甲乙丙丁戊己庚辛')}店占道{n}",
            CLASSES[3],
        )
        for n in range(300)
    ]
    known = accuracy(model, before)
    for one in new:
        model.learn([one])
    assert accuracy(model, before) >= known - 0.01
    assert accuracy(model, new) == 1.0


@settings(max_examples=20, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 3))
def test_order_and_repetition_of_corrections_do_not_matter(rng: random.Random, times: int) -> None:
    new = [
        Lesson(None, f"{place}有人{what}", CLASSES[at % 4])
        for at, (place, what) in enumerate(zip(PLACES, "吵闹跳舞唱歌喊叫", strict=False))
    ]
    mixed = new * times
    rng.shuffle(mixed)
    one, other = engine(), engine()
    one.learn(new)
    for lesson in mixed:
        other.learn([lesson])
    asked: list[Text] = [(None, f"{place}有人吵闹") for place in PLACES]
    assert one.remembered == other.remembered == len(new)
    for a, b in zip(one.guess(asked), other.guess(asked), strict=True):
        assert [r.cls for r in a.ranked] == [r.cls for r in b.ranked]
        assert [r.confidence for r in a.ranked] == pytest.approx([r.confidence for r in b.ranked])


def test_the_last_word_on_a_text_counts() -> None:
    model = engine()
    model.learn(
        [Lesson(None, "东街路灯不亮", CLASSES[1]), Lesson(None, "东街路灯不亮", CLASSES[2])]
    )
    assert best(model.guess([(None, "东街路灯不亮")])) == [CLASSES[2]]


def test_the_memory_has_an_end_and_drops_the_oldest() -> None:
    model = engine()
    letters = "甲乙丙丁戊己庚辛壬癸子丑寅卯"
    new = [
        Lesson(None, "".join(letters[int(digit)] for digit in f"{n:05}"), CLASSES[0])
        for n in range(MOST + 5)
    ]
    model.learn(new)
    assert model.remembered <= MOST


def test_corrections_of_unknown_classes_are_left_out() -> None:
    model = engine()
    assert model.learn([Lesson(None, "路灯不亮", ("other", "x"))]) == 0
    assert model.remembered == 0


def test_corrections_still_count_after_a_night() -> None:
    odd = Lesson(None, "东街路灯不亮三天了", ("s", "water"))
    model = train(lessons(160), classes=CLASSES, seed=1, corrections=[odd])
    assert best(model.guess([(odd.title, odd.text)])) == [odd.cls]


# --- training and dumping -----------------------------------------------------------------


def test_training_does_not_depend_on_the_order_of_lessons() -> None:
    mixed = lessons(160)
    random.Random(7).shuffle(mixed)
    one, other = engine(), train(mixed, classes=CLASSES, seed=1)
    texts = [(item.title, item.text) for item in lessons(60, seed=3)]
    for a, b in zip(one.guess(texts), other.guess(texts), strict=True):
        assert a.ranked[0].cls == b.ranked[0].cls
        assert a.ranked[0].confidence == pytest.approx(b.ranked[0].confidence, abs=0.05)


def test_a_weight_counts_as_so_many_lessons() -> None:
    contested = [
        Lesson(None, "门口有怪声", CLASSES[0], 1.0),
        Lesson(None, "门口有怪声", CLASSES[1], 3.0),
    ]
    model = train([*lessons(80), *contested], classes=CLASSES, seed=1)
    assert best(model.guess([(None, "门口有怪声")])) == [CLASSES[1]]


def test_a_dump_gives_the_same_guesses() -> None:
    model = engine()
    model.learn([Lesson(None, "东街路灯不亮三天了", ("s", "water"))])
    model.only((*CLASSES[:3], ("s", "water")))
    again = Classifier.load(model.dump())
    texts = [(one.title, one.text) for one in lessons(60, seed=5)] + [(None, "东街路灯不亮三天了")]
    assert again.guess(texts) == model.guess(texts)
    assert again.dump() == model.dump()


def test_a_dump_holds_no_text() -> None:
    model = engine()
    model.learn([Lesson("标题在此", "东街路灯不亮三天了", ("s", "water"))])
    assert "路灯".encode() not in model.dump()
    assert "路灯".encode("utf-16-le") not in model.dump()
    assert "路灯".encode("utf-32-le") not in model.dump()


@pytest.mark.parametrize("cut", [0, 5, 40, 500, -10])
def test_foreign_or_damaged_bytes_are_refused(cut: int) -> None:
    with pytest.raises(ForeignBytes, match="train one anew"):
        Classifier.load(engine_bytes()[:cut])
    with pytest.raises(ForeignBytes):
        Classifier.load(b"\x80\x04pickle")
    with pytest.raises(ForeignBytes, match="reads texts otherwise"):
        Classifier.load(engine_bytes().replace(b'"format": 1', b'"format": 9', 1))


def test_buckets_fit_the_table() -> None:
    batch = grams([(None, "".join(chr(code) for code in range(0x4E00, 0x4F00)))])
    assert batch.bucket.min() >= 0
    assert batch.bucket.max() < BUCKETS


# --- learning by its own surest guesses ---------------------------------------------------


@given(st.integers(0, 40), st.integers(2, 5), st.integers(1, 4), st.integers(0, 99))
def test_the_surest_of_each_class_are_those_with_the_widest_lead(
    texts: int, classes: int, each: int, seed: int
) -> None:
    scores = np.random.default_rng(seed).normal(size=(texts, classes)).astype(np.float32)
    rows, said = surest(scores, np.arange(classes), each)
    slow: set[tuple[int, int]] = set()
    for cls in range(classes):
        mine = [at for at in range(texts) if scores[at].argmax() == cls]
        mine.sort(key=lambda at: scores[at][cls] - sorted(scores[at])[-2], reverse=True)
        slow |= {(at, cls) for at in mine[:each]}
    assert set(zip(rows.tolist(), said.tolist(), strict=True)) == slow
    assert len(rows) == len(slow)


def test_what_nobody_labelled_teaches_new_words_of_a_known_subject() -> None:
    few = [Lesson(None, SUBJECTS[name][0], ("s", name)) for name in SUBJECTS] * 3
    others: list[Text] = [
        (None, f"{SUBJECTS[name][0]}，{name * 2}{place}") for name in SUBJECTS for place in PLACES
    ]
    asked: list[Text] = [(None, name * 2) for name in SUBJECTS]
    alone, _ = train_checked(few, classes=CLASSES, seed=1)
    taught, checked = train_checked(few, classes=CLASSES, seed=1, unlabelled=others)
    assert checked.guessed > 0
    assert best(taught.guess(asked)) == list(CLASSES)
    assert best(alone.guess(asked)) != list(CLASSES)


def test_guesses_that_make_held_out_lessons_worse_are_not_learned() -> None:
    """The unlabelled texts mix the subjects up, and count for far more than the lessons."""
    rng = random.Random(4)
    said = [one for words in SUBJECTS.values() for one in words]
    mixed: list[Text] = [(None, "，".join(rng.sample(said, 4))) for _ in range(400)]
    heavy = Recipe(guessed_weight=50.0, folds=4)
    model, checked = train_checked(
        lessons(120), classes=CLASSES, seed=1, unlabelled=mixed, recipe=heavy
    )
    assert checked.guessed == 0
    assert accuracy(model, lessons(200, seed=9)) > 0.97


def test_the_figures_are_those_of_lessons_that_were_held_out() -> None:
    rng = random.Random(6)
    noisy = [
        Lesson(one.title, one.text, rng.choice(CLASSES) if rng.random() < 0.3 else one.cls)
        for one in lessons(800)
    ]
    _, checked = train_checked(noisy, classes=CLASSES, seed=1)
    assert checked.judged == 800
    # A third of 30 % stays right by chance among four classes: about .775 can be reached.
    assert checked.accuracy == pytest.approx(0.775, abs=0.06)
    assert checked.calibration_error is not None
    assert checked.calibration_error < 0.08
    _, nothing = train_checked([], classes=CLASSES, seed=1)
    assert nothing.accuracy is nothing.calibration_error is None


# --- reasons ------------------------------------------------------------------------------


def test_a_single_hot_character_is_shown_with_its_warmer_neighbour() -> None:
    texts: list[Text] = [(None, "东灯坏"), (None, "灯"), (None, "，灯，灯亮")]
    batch = grams(texts, places=True)
    heat = np.array([0.0, 9, 2, 9, 0, 9, 0, 9, 1], dtype=np.float32)
    assert pieces(batch, heat, 3) == [("灯坏",), ("灯",), ("灯亮", "灯")]
