"""Statements kept by sight: the same for who sees the same, another for everybody else."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from streetwise.kernel import statements
from streetwise.kernel.statements import by_sight
from streetwise.kernel.viewer import Viewer

VIEWER = Viewer(
    "staff:1", "work", "community", 2, frozenset({"east"}), frozenset({UUID(int=1)}),
    frozenset({"case.read"}),
)  # fmt: skip


@by_sight
def built(viewer: Viewer) -> object:
    del viewer
    return object()


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"actor": "staff:2", "staff_id": UUID(int=9), "purpose": "other", "drill": True}, True),
        ({"clearance": 3}, False),
        ({"scope": "street"}, False),
        ({"scope": "none"}, False),
        ({"areas": frozenset({"west"})}, False),
        ({"areas": None}, False),
        ({"units": frozenset({UUID(int=2)})}, False),
        ({"can": frozenset()}, False),
    ],
)
def test_a_statement_is_shared_by_sight_alone(change: dict[str, object], same: bool) -> None:
    assert (built(VIEWER) is built(replace(VIEWER, **change))) is same  # type: ignore[arg-type]


def test_no_more_are_kept_than_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "KEPT", 3)
    made = []

    @by_sight
    def counted(viewer: Viewer) -> int:
        made.append(viewer.clearance)
        return viewer.clearance

    for clearance in (1, 2, 3, 1, 4, 1):
        assert counted(replace(VIEWER, clearance=clearance)) == clearance
    assert made == [1, 2, 3, 4, 1]
