"""What the scenes find on the town's cameras with its own detector: planted hours, real eyes.

    .venv/bin/python scripts/eval_town_scenes.py --seeds 21,22 [--scenes bins,smoke] [--each 6]
        [--hours 0-5]

For every scene, cameras of the seeds and their days are searched for problems and look-alikes;
each is lived through from ten minutes before to ten minutes after, in simulated time (of a long
problem the first three quarters of an hour and the last minutes): pictures are rendered at the
scene's cadence, coded as single H.264 key frames, and go through ``Eye`` (decoder, gate, scheduler,
detector, rules) as in the product. A problem counts as found when a finding opens while it is
there, its growing included (``again``: so many more for the same one, after it was cleared too
early); everything else that opens is false. Days and cameras are those of the
program (``town/video/program.py``), none of the detector's training.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from streetwise.discover.detectors.detector import Detector
from streetwise.discover.detectors.runtime import open_runtime
from streetwise.discover.engine.eye import Clock, Eye, EyeSettings
from streetwise.discover.engine.orders import Charge
from streetwise.discover.scenes import Scene, shipped_scenes
from streetwise.discover.values import CodedPicture, Zone
from streetwise.town import detector as town_detector
from streetwise.town.detector.pictures import VIEWS
from streetwise.town.video import render
from streetwise.town.video.encode import Coding, groups
from streetwise.town.video.layout import Post, layout_of
from streetwise.town.video.program import Happening, happenings

#: No other happening of the camera is nearer than that (``program.APART``).
AROUND = timedelta(minutes=10)
#: So much of a longer happening is lived through, and its last minutes.
LONGEST = timedelta(minutes=45)
CODING = Coding(key_every_s=0.2)
FIRST_DAY = date(2026, 5, 4)


@dataclass
class Tally:
    """What came of one scene's windows."""

    scene: str
    problems: int = 0
    found: int = 0
    ends_seen: int = 0
    look_alikes: int = 0
    false: int = 0
    again: int = 0
    camera_hours: float = 0.0
    looks: int = 0
    minutes_to_find: float = 0.0
    cpu_s: float = 0.0


def windows(
    seed: int, scene: str, kind: str, many: int, hours: range
) -> Iterator[tuple[Post, Happening]]:
    """Happenings that begin in these hours before so many cameras, one of each, no two from the
    same day."""
    for k in range(many):
        post = Post(f"CAM-{700 + k:04d}", scene, VIEWS[scene][0])
        for n in range(40):
            day = FIRST_DAY + timedelta(days=13 * k + 3 * n)
            mine = [
                one
                for one in happenings(seed, post, day)
                if one.kind == kind and one.begin.hour in hours
            ]
            if kind == "problem" and mine:
                # The shorter ones: the others cost more and say no more.
                mine = [min(mine, key=lambda one: one.end - one.begin)]
            if mine:
                yield post, mine[n % len(mine)]
                break


def live(seed: int, post: Post, one: Happening, scene: Scene, seer: Detector, out: Tally) -> None:
    """One window."""
    began = time.process_time()
    drawn = render.Eye(seed, post)
    start = one.begin - min(one.lead, LONGEST) - AROUND
    until = one.end + AROUND
    skip_from, skip_to = one.begin + LONGEST, one.end - timedelta(minutes=5)
    corners = layout_of(seed, post).zone_corners()
    clock = Clock(lambda at: start.timestamp() + at, lambda at: start + timedelta(seconds=at))
    still = EyeSettings(publish_seconds=1e9, memory_seconds=1e9)
    eye = Eye([seer], {scene.key: scene}, clock, settings=still)
    zone = Zone(post.code, scene.key, "z", corners)
    eye.take_charge([Charge(1, post.code, (zone,))], 0.0)
    rng, at, told, skipped = random.Random(one.key), 0.0, [], 0.0
    while (now := start + timedelta(seconds=at)) < until:
        if skip_from < now < skip_to:
            skipped = (skip_to - now).total_seconds()
            at += skipped
            continue
        key = next(groups([drawn.picture(now)], CODING))[0]
        data = b"".join(b"\0\0\0\1" + unit for unit in key)
        eye.put(CodedPicture(post.code, "h264", data, at))
        told += [(m.kind, now) for m in eye.step(at) if m.kind in ("opened", "cleared")]
        # The next key frame after it is due.
        at += scene.cadence_seconds + rng.uniform(0, 2)
    out.camera_hours += (at - skipped) / 3600
    out.looks += eye.inferred
    _judge(one, told, out)
    out.cpu_s += time.process_time() - began


def _judge(one: Happening, told: list[tuple[str, datetime]], out: Tally) -> None:
    is_problem = one.kind == "problem"
    opened = [at for kind, at in told if kind == "opened"]
    right = [at for at in opened if is_problem and one.begin - one.lead <= at < one.end]
    out.false += len(opened) - len(right)
    out.again += len(right[1:])
    out.problems += is_problem
    out.look_alikes += not is_problem
    if right:
        out.found += 1
        out.minutes_to_find += (right[0] - one.begin).total_seconds() / 60
        out.ends_seen += any(kind == "cleared" and at >= one.end for kind, at in told)


def main() -> None:
    """All scenes, a line each."""
    said = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    said.add_argument("--seeds", default="21,22")
    said.add_argument("--scenes", default=",".join(VIEWS).rstrip(","))
    said.add_argument("--each", type=int, default=4, help="problems, and look-alikes, of a seed")
    said.add_argument("--hours", default="0-23", help="of the day in which a happening begins")
    given = said.parse_args()
    first, last = map(int, given.hours.split("-"))
    seer = Detector(town_detector.card(), open_runtime(town_detector.model(), "onnxruntime", 1))
    for name in given.scenes.split(","):
        out = Tally(name)
        for seed in map(int, given.seeds.split(",")):
            for kind in ("problem", "look-alike"):
                for post, one in windows(seed, name, kind, given.each, range(first, last + 1)):
                    live(seed, post, one, shipped_scenes()[name], seer, out)
        told = asdict(out)
        told["minutes_to_find"] = round(out.minutes_to_find / max(1, out.found), 1)
        told["camera_hours"], told["cpu_s"] = round(out.camera_hours, 1), round(out.cpu_s, 1)
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
