"""Cells that a spreadsheet program would run are text; everything else stays as it is."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streetwise.kernel.csv_safe import csv_text, neutral


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =cmd|' /C calc'!A0", "＝1",
     "-1+2", '=HYPERLINK("http://x")', "+8613800138000 x"],
)  # fmt: skip
def test_what_would_run_gets_an_apostrophe(cell: str) -> None:
    assert neutral(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "路灯", "-5.25", "+12", "3", "a=b", "1-99 odd", "'x"])
def test_what_would_not_run_stays(cell: str) -> None:
    assert neutral(cell) == cell


@given(rows=st.lists(st.lists(st.text(max_size=8), min_size=2, max_size=2), max_size=4))
def test_no_cell_of_a_table_begins_a_formula(rows: list[list[str]]) -> None:
    text = csv_text(["a", "b"], rows)
    assert text.startswith("\ufeff")
    read = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))[1:]
    assert len(read) == len(rows)
    for made, given_ in zip(read, rows, strict=True):
        for cell, was in zip(made, given_, strict=True):
            assert cell in (was, f"'{was}")
            if cell[:1] in tuple("=+-@\t\r\n"):
                float(cell)  # a number, and nothing else
