"""How the town's inspectors check: by record where the lot allows it, else at the place, with what
must be so ticked off; while the town lives also with a photo that was taken there.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from streetwise.resolve.inputs import Inputs
from streetwise.resolve.tables import Case
from streetwise.resolve.verify.ways import RECORD, SITE, closings, drawn

from . import astray
from .astray import Draw
from .client import JSON, Account, Client
from .photo import draw_photo

#: A class (scheme, version, code) → its conditions, as the directory has them.
Conditions = Mapping[tuple[str, str, str], Sequence[Mapping[str, Any]]]
#: An inspector stands so near, in degrees; and a photo says so exactly where, in metres.
NEAR_DEGREES, ACCURACY_METRES = 0.0004, (4.0, 25.0)


def passing(case: Case, conditions: Conditions, draw: Draw) -> Inputs:
    """What an inspector says who finds that a case is done. In the past without photos."""
    if not drawn(case.check_draw) and astray.happens("check_by_record", draw("record")):
        return Inputs(result="pass", way=RECORD)
    if not astray.happens("check_ticked", draw("ticked")):
        return Inputs(result="pass")
    key = (str(case.category_scheme), str(case.category_version), str(case.category_code))
    asked = closings(conditions.get(key, ()), case.category_condition)
    return Inputs(result="pass", way=SITE, met=asked[0].points if asked else ())


async def passing_live(
    client: Client, who: Account, case: JSON, now: datetime, rng: random.Random
) -> JSON:
    """The same by the API, with a photo at times. Raises Refused."""
    check = await client.get(who, f"/cases/{case['id']}/check")
    if RECORD in check["ways"] and astray.happens("check_by_record", rng):
        return {"result": "pass", "way": RECORD}
    body: JSON = {"result": "pass", "way": SITE}
    if check["closings"]:
        body["met"] = check["closings"][0]["points"]
    here = check["lon"] is not None and check["lat"] is not None
    if here and astray.happens("check_photo", rng):
        picture = await asyncio.to_thread(draw_photo, rng, f"{case['number']} simulated")
        answer = await client.upload(
            who, "/files", "check.jpg", picture, "image/jpeg",
            lon=f"{check['lon'] + rng.uniform(-NEAR_DEGREES, NEAR_DEGREES):.6f}",
            lat=f"{check['lat'] + rng.uniform(-NEAR_DEGREES, NEAR_DEGREES):.6f}",
            accuracy_metres=f"{rng.uniform(*ACCURACY_METRES):.1f}",
            taken_at=now.isoformat(),
        )  # fmt: skip
        body["photos"] = [answer["id"]]
    return body
