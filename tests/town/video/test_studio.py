"""The studio: every camera a picture first, problems before light, rounds that become whole."""

from __future__ import annotations

import csv
import threading
from datetime import date, datetime, timedelta
from multiprocessing import Pipe
from pathlib import Path

import pytest
from town.video.conftest import SCENES, SEED

from streetwise.town.folder import World
from streetwise.town.video import record
from streetwise.town.video.clips import Clip, pictures_of
from streetwise.town.video.encode import Coding
from streetwise.town.video.farm import Farm
from streetwise.town.video.layout import Post
from streetwise.town.video.program import happenings
from streetwise.town.video.serve import SHARED, cast, read_street, take
from streetwise.town.video.studio import Order, Studio, codings_of, run

SPARSE = Coding(fps=1, key_every_s=3)
POSTS = (Post("CAM-0001", "smoke", 92), Post("CAM-0002", "river", 66))


def first_problem() -> datetime:
    """When the river's camera has its first problem of the summer."""
    day = date(2026, 6, 1)
    while True:
        for one in happenings(SEED, POSTS[1], day):
            if one.kind == "problem":
                return one.begin
        day += timedelta(days=1)


def test_the_studio_draws_what_is_most_urgent() -> None:
    begins = first_problem()
    order = Order(SEED, POSTS, (SPARSE, SPARSE), begins - timedelta(hours=2))
    studio, farm, clips = Studio(order), Farm(), dict[str, Clip]()
    made = [studio.step() for _ in range(5)]
    assert [(m.camera, m.number) for m in made if m] == [
        ("CAM-0001", 0), ("CAM-0002", 0), ("CAM-0001", 1), ("CAM-0002", 1),
    ]  # fmt: skip
    assert made[4] is None
    for one in made[:4]:
        assert one is not None
        take(farm, clips, one)
    assert [len(clips[post.code].groups) for post in POSTS] == [10, 10]
    assert len(list(pictures_of(clips["CAM-0002"]))) == 30
    assert farm.channels["CAM-0002"].clip is clips["CAM-0002"]
    studio.look(begins)
    changed = studio.step()
    assert changed is not None
    assert (changed.camera, changed.number) == ("CAM-0002", 0)
    take(farm, clips, changed)
    assert farm.channels["CAM-0002"].waiting is clips["CAM-0002"]


def test_the_studio_follows_the_clock_that_it_is_told() -> None:
    """A town's time is put forward: what is then to be seen is drawn next."""
    begins = first_problem()
    order = Order(SEED, POSTS[1:], (SPARSE,), begins - timedelta(hours=2), share=1.0)
    ours, theirs = Pipe()
    drawing = threading.Thread(target=run, args=(order, theirs))
    drawing.start()
    try:
        first = ours.recv()
        assert ours.recv().state == first.state
        ours.send(begins + timedelta(minutes=1))
        assert ours.poll(30)
        then = ours.recv()
        assert (then.number, then.state != first.state) == (0, True)
    finally:
        ours.close()
        drawing.join(30)
    assert not drawing.is_alive()


def test_the_cast_gives_analysed_cameras_their_own_view_and_shares_the_rest() -> None:
    posts = [Post(f"CAM-{k:04d}", "bins" if k % 10 == 0 else "") for k in range(200)]
    drawn, shows = cast(posts, 150)
    analysed = [post.code for post in posts if post.scene]
    assert len(shows) == 150
    assert all(shows[code] == code for code in analysed)
    assert len(drawn) == len(analysed) + SHARED
    assert set(shows.values()) == {post.code for post in drawn}
    few, only = cast(posts, 10)
    assert len(few) == len(only) == 10


def test_every_nth_camera_sends_h265() -> None:
    found = codings_of([Post(str(k)) for k in range(10)], Coding(fps=7), 5)
    assert [one.codec for one in found].count("h265") == 2
    assert {one.fps for one in found} == {7}
    assert {one.codec for one in codings_of([Post("a")], Coding(), 0)} == {"h264"}


def test_what_town_make_writes_of_the_cameras_can_be_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "BEFORE", 2)
    monkeypatch.setattr(record, "AFTER", 2)
    scenes = {f"CAM-{k:04d}": scene for k, scene in enumerate(SCENES)}
    rows = [
        {"code": f"CAM-{k:04d}", "name": f"路口{k}号", "field_of_view": "66"} for k in range(30)
    ]
    world = World({}, [], [], [], [], [], [], [], rows, [], [], [], [], scenes)
    record.write_cameras(tmp_path / "cameras", world, SEED)
    with (tmp_path / "cameras.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, tuple(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    street = read_street(tmp_path)
    assert street.seed == SEED
    assert len(street.posts) == 30
    assert {post.code: post.scene for post in street.posts if post.scene} == scenes
    record.write_scenes(tmp_path / "scenes.csv", world, SEED, date(2026, 8, 20), ())
    with (tmp_path / "scenes.csv").open(encoding="utf-8", newline="") as file:
        told = list(csv.DictReader(file))
    assert {row["camera"] for row in told} == set(scenes)
    for row in told:
        times = [datetime.fromisoformat(row[name]) for name in ("grows_from", "from", "to")]
        assert times == sorted(times)
        assert times[0].tzinfo is not None
        assert len(row["box"].split()) == (4 if row["kind"] == "problem" else 0)
