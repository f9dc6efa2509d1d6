"""Real letters as arrays: texts, labels, groups of near-repeats, and one matrix of features.

From ../shared/data/text, read for figures only: nothing of it is kept. A letter is a row of the
sheets 附件2 (labelled), 附件3 and 附件4 (unlabelled), in this order; 附件1 is the tree of labels.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from bench.files import DATA

TEXT = DATA / "text"
MISSING = "no ../shared/data/text here: nothing to classify"
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SHINGLE = 4  # characters
ALIKE, WITHIN = 0.2, 0.4  # Jaccard; share of the shorter text
RARE = 3  # texts in which a pair of characters must be
COPY = 0.5  # cosine of the details above which an unlabelled row is a copy of a labelled one
BEST_NAMES = (1, 3)


@dataclass(frozen=True, slots=True)
class Letters:
    """Titles and details of all letters, the labelled ones first.

    ``labels`` (n_labelled,) are numbers into ``names``, which are sorted; ``groups`` (n_labelled,)
    are equal for near-repeats and for letters of one writer; ``starts`` says at which row each
    sheet begins; ``tree`` are the rows of the label tree as (first level, second + third level).
    """

    titles: list[str]
    details: list[str]
    labels: Ints
    names: list[str]
    groups: Ints
    starts: dict[int, int]
    tree: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Features:
    """What models see. Rows are letters.

    ``words`` (n, 2 × grams): TF-IDF of single characters and pairs, the title's in the left half,
    the details' in the right, each half of norm √½. ``near`` maps k to an array (n, 2, classes):
    the mean of the k highest cosines of title and details with the names under each class.
    ``copies`` are unlabelled rows that nearly repeat a labelled one.
    """

    words: Any
    near: dict[int, Floats]
    copies: Ints


def read_letters(folder: Path = TEXT) -> Letters | None:
    """All letters, or None where the folder is missing."""
    paths = {n: next(iter(folder.glob(f"附件{n}_*.xlsx")), None) for n in (1, 2, 3, 4)}
    sheets = {n: _rows(path) for n, path in paths.items() if path is not None}
    if len(sheets) < len(paths):
        return None
    titles: list[str] = []
    details: list[str] = []
    starts = {}
    for n in (2, 3, 4):
        starts[n] = len(titles)
        titles += [_bare(row["留言主题"]) for row in sheets[n]]
        details += [_bare(row["留言详情"]) for row in sheets[n]]
    given = [str(row["一级分类"]) for row in sheets[2]]
    names = sorted(set(given))
    labels = np.array([names.index(one) for one in given])
    groups = _groups(details[: len(given)], [str(row["留言用户"]) for row in sheets[2]])
    tree = [(str(r["一级分类"]), f"{r['二级分类']}{r['三级分类']}") for r in sheets[1]]
    tree += [(one, one) for one in sorted({first for first, _ in tree})]
    return Letters(titles, details, labels, names, groups, starts, tree)


def _rows(path: Path) -> list[dict[str, Any]]:
    import python_calamine

    header, *lines = python_calamine.load_workbook(path).get_sheet_by_index(0).to_python()
    return [dict(zip(map(str, header), line, strict=True)) for line in lines]


def _bare(value: object) -> str:
    return re.sub(r"\s+", "", str(value or ""))


def _groups(texts: Sequence[str], writers: Sequence[str]) -> Ints:
    """Numbers that near-repeats share: shingles in common, or the same writer."""
    parts = [_shingles(text) for text in texts]
    parent = list(range(len(texts)))

    def root(i: int) -> int:
        while parent[i] != i:
            i = parent[i]
        return i

    for i, ours in enumerate(parts):
        for j in range(i):
            both = len(ours & parts[j])
            alike = both > ALIKE * len(ours | parts[j])
            within = both > WITHIN * min(len(ours), len(parts[j]))
            if writers[i] == writers[j] or alike or within:
                parent[root(i)] = root(j)
    return np.array([root(i) for i in range(len(texts))])


def _shingles(text: str) -> set[str]:
    text = re.sub(r"\W", "", text)
    return {text[i : i + SHINGLE] for i in range(len(text) - SHINGLE + 1)}


def plain_text(text: str) -> str:
    """The text with numbers as 0 and anonymised places (A3区) as one sign."""
    text = re.sub(r"[A-Za-z]\d+[市区县州]?|[A-Za-z][市区县州]", "P", text)
    return re.sub(r"\d+", "0", text)


def make_features(letters: Letters) -> Features:
    """Features of all letters; frequencies are counted over all of them, labels are not seen."""
    from sklearn.feature_extraction.text import CountVectorizer  # type: ignore[import-untyped]

    titles = [plain_text(one) for one in letters.titles]
    details = [plain_text(one) for one in letters.details]
    whole = [f"{a}。{b}" for a, b in zip(titles, details, strict=True)]
    grams: Any = CountVectorizer(analyzer="char", ngram_range=(1, 2), min_df=RARE).fit(whole)
    kept = [i for i, one in enumerate(grams.get_feature_names_out()) if not re.search(r"\W", one)]
    tree = grams.transform(names for _, names in letters.tree)[:, kept]
    channels, near_names = [], []
    for texts in (titles, details):
        counts = grams.transform(texts)[:, kept]
        rarity = np.log((1 + len(texts)) / (1 + counts.getnnz(axis=0)))
        channels.append(_weighted(counts, rarity))
        near_names.append((channels[-1] @ _weighted(tree, rarity).T).toarray())
    own = np.array([first for first, _ in letters.tree])
    near = {k: _best(near_names, own, letters.names, k) for k in BEST_NAMES}
    n = len(letters.labels)
    alike = (channels[1][n:] @ channels[1][:n].T).max(axis=1).toarray().ravel()
    words = sparse.hstack(channels).tocsr() * np.sqrt(0.5)
    return Features(words, near, np.flatnonzero(alike > COPY) + n)


def _weighted(counts: Any, rarity: Floats) -> Any:
    """Sublinear TF × IDF, rows of length 1 (empty rows stay empty)."""
    from sklearn.preprocessing import normalize  # type: ignore[import-untyped]

    found = counts.astype(np.float64)
    found.data = 1 + np.log(found.data)
    return normalize(found @ sparse.diags(rarity))


def _best(cosines: Sequence[Floats], own: NDArray[np.str_], names: Sequence[str], k: int) -> Floats:
    """(n, channels, classes): the mean of the k highest cosines with a class's names."""
    return np.stack(
        [
            np.stack([np.sort(c[:, own == name], axis=1)[:, -k:].mean(axis=1) for name in names], 1)
            for c in cosines
        ],
        axis=1,
    )
