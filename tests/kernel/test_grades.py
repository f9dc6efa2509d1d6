"""Every column is classified, and one that is not keeps the program from starting."""

from __future__ import annotations

import pytest
from sqlalchemy import Text
from sqlalchemy.orm import DeclarativeBase, mapped_column

from streetwise.kernel.database import Base
from streetwise.kernel.grades import CATEGORIES, Unclassified, classified
from streetwise.migrations.models import metadata


def test_every_column_of_every_table_is_classified() -> None:
    found = {(column.table, column.name) for column in classified(Base)}
    assert found == {
        (name, column.name) for name, t in metadata.tables.items() for column in t.columns
    }
    # Two that only answers have (kernel/shown.py).
    known = {column.category for column in classified(Base)}
    assert known | {"own", "personal"} == set(CATEGORIES)


def test_hashes_keys_and_originals_are_restricted() -> None:
    names = ("hash", "digest", "key", "sealed", "fingerprint")
    for column in classified(Base):
        if column.name.endswith(names) and column.name not in ("source_key", "key"):
            assert (column.grade, column.category) == (4, "secret"), column


@pytest.mark.parametrize(
    ("grades", "says"),
    [
        ({(1, "system"): "id"}, "t.name: no grade"),
        ({(1, "system"): "id name phone"}, "t.phone: no such column"),
        ({(1, "system"): "id name", (2, "work"): "name"}, "t.name: twice"),
        ({(5, "system"): "id name"}, "no grade 5"),
        ({(1, "gossip"): "id name"}, "no category 'gossip'"),
    ],
)
def test_what_is_not_classified_is_refused(grades: dict[tuple[int, str], str], says: str) -> None:
    class Other(DeclarativeBase):
        pass

    type(
        "T",
        (Other,),
        {
            "__tablename__": "t",
            "__grades__": grades,
            "id": mapped_column(Text, primary_key=True),
            "name": mapped_column(Text),
        },
    )
    with pytest.raises(Unclassified, match=says):
        classified(Other)
