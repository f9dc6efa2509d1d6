"""CSV files taken apart and put together: byte for byte, and one changed line is one line."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streetwise.directory.records.csv_form import BOM, CsvForm, Line, parse_csv, render

#: Cells as spreadsheets and people make them: quotes, commas, line breaks, blanks, formulas.
CELLS = st.text(
    st.sampled_from(list('ab中 ,"\n\r=-+@;|\t')) | st.characters(codec="utf-8", categories=["L"]),
    max_size=6,
)
ENDS = st.sampled_from(["\n", "\r\n"])


def quoted(cell: str, *, always: bool) -> str:
    needs = always or any(one in cell for one in ',"\r\n')
    return '"' + cell.replace('"', '""') + '"' if needs else cell


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """A file in some manner: mark, quoting, ends (also mixed), short and long and empty lines."""
    columns = draw(st.lists(st.text("abcdef", min_size=1, max_size=3), min_size=1, max_size=4,
                            unique=True))  # fmt: skip
    out = [BOM if draw(st.booleans()) else ""]
    rows = [columns, *draw(st.lists(st.lists(CELLS, max_size=5), max_size=6))]
    for number, row in enumerate(rows):
        always = draw(st.booleans())
        end = draw(ENDS)
        last = number == len(rows) - 1
        out.append(",".join(quoted(cell, always=always) for cell in row))
        out.append("" if last and draw(st.booleans()) else end)
    return "".join(out).encode()


def rows_of(data: bytes) -> list[list[str]]:
    text = data.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


@given(data=files())
def test_what_is_unchanged_comes_out_byte_for_byte(data: bytes) -> None:
    form = parse_csv(data)
    assert render(form, form.columns, [(line, None) for line in form.lines], []) == data
    # And it was read as the csv module reads it.
    read = [form.header.cells, *(line.cells for line in form.lines)]
    assert [list(cells) for cells in read] == rows_of(data)


@given(data=files(), pick=st.integers(0, 5), cell=CELLS)
def test_a_changed_line_is_the_only_one_that_differs(data: bytes, pick: int, cell: str) -> None:
    form = parse_csv(data)
    full = [line for line in form.lines if line.cells]
    if not full:
        return
    line, column = full[pick % len(full)], form.columns[0]
    made = render(
        form,
        form.columns,
        [(one, {column: cell} if one is line else None) for one in form.lines],
        [],
    )
    again = parse_csv(made)
    assert len(again.lines) == len(form.lines)
    for old, new in zip(form.lines, again.lines, strict=True):
        if old is line:
            assert again.row(new)[column] == cell
            assert {k: v for k, v in again.row(new).items() if k != column} == {
                k: v for k, v in form.row(old).items() if k != column
            }
            assert new.end == old.end
            assert new.cells[len(form.columns) :] == old.cells[len(form.columns) :]
        else:
            assert new.raw == old.raw


@given(data=files(), row=st.dictionaries(st.text("abcdef", min_size=1, max_size=3), CELLS))
def test_new_rows_stand_behind_and_further_columns_at_the_end(
    data: bytes, row: dict[str, str]
) -> None:
    form = parse_csv(data)
    added = sorted(set(row) - set(form.columns))
    made = render(form, form.columns, [(line, None) for line in form.lines], [row], added)
    again = parse_csv(made)
    assert again.columns == (*form.columns, *added)
    assert len(again.lines) == len(form.lines) + 1
    for old, new in zip(form.lines, again.lines, strict=False):
        if len(old.cells) <= len(form.columns):
            assert {k: v for k, v in again.row(new).items() if v} == {
                k: v for k, v in form.row(old).items() if v
            }
    assert {k: v for k, v in again.row(again.lines[-1]).items() if v} == {
        k: v for k, v in row.items() if v
    }


def test_an_all_quoted_file_stays_so_and_a_plain_one_too() -> None:
    form = parse_csv(b'"code","name"\r\n"a","x"\r\nb,y\r\n')
    first, second = form.lines
    changes = [(first, {"name": "z"}), (second, {"name": "z"})]
    made = render(form, form.columns, changes, [{"code": "c", "name": "n"}])
    assert made == b'"code","name"\r\n"a","z"\r\nb,z\r\n"c","n"\r\n'


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        ("编码,名称\n".encode("gbk"), "not UTF-8"),
        (b'code\n"' + b"x" * 140_000 + b'"\n', "cannot be read at line 2"),
    ],
)
def test_what_cannot_be_read_says_so(data: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_csv(data)


def test_a_form_without_a_file_is_plain() -> None:
    assert render(None, ["a", "b"], [], [{"a": "1", "b": "x,y"}]) == b'a,b\n1,"x,y"\n'
    assert isinstance(parse_csv(b"a\n"), CsvForm)
    assert parse_csv(b"a\n\nb\n").lines[0] == Line("\n", (), 2)
