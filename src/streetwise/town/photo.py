"""A made-up photo of a place that was put right: enough to show where a photo belongs."""

from __future__ import annotations

import io
import random

from PIL import Image, ImageDraw

SIZE = (640, 480)
_SKIES = ((196, 214, 232), (214, 220, 226), (232, 214, 196), (170, 192, 214))
_WALLS = ((198, 178, 158), (182, 168, 160), (208, 196, 176), (168, 150, 138), (190, 190, 186))


def draw_photo(rng: random.Random, caption: str) -> bytes:
    """A street with houses, trees and a pavement, drawn; never a picture of anything real."""
    width, height = SIZE
    horizon = rng.randint(200, 250)
    image = Image.new("RGB", SIZE, rng.choice(_SKIES))
    pen = ImageDraw.Draw(image)
    x = -rng.randint(0, 60)
    while x < width:
        wide, high = rng.randint(90, 190), rng.randint(80, 190)
        wall = rng.choice(_WALLS)
        pen.rectangle((x, horizon - high, x + wide, horizon), fill=wall)
        pane = tuple(max(0, c - 55) for c in wall)
        for wx in range(x + 12, x + wide - 18, 30):
            for wy in range(horizon - high + 14, horizon - 26, 34):
                pen.rectangle((wx, wy, wx + 15, wy + 19), fill=pane)
        x += wide + rng.randint(2, 30)
    pen.rectangle((0, horizon, width, horizon + 60), fill=(176, 172, 166))
    for k in range(0, width, 32):
        pen.line((k, horizon, k - 26, horizon + 60), fill=(158, 154, 148))
    pen.rectangle((0, horizon + 60, width, height), fill=(104, 106, 110))
    for k in range(rng.randint(0, 60), width, 130):
        pen.rectangle((k, height - 74, k + 64, height - 66), fill=(222, 222, 214))
    for _ in range(rng.randint(2, 4)):
        tx, crown = rng.randint(20, width - 20), rng.randint(34, 58)
        green = (70 + rng.randint(0, 40), 118 + rng.randint(0, 36), 66)
        pen.rectangle((tx - 4, horizon - 50, tx + 4, horizon + 26), fill=(110, 84, 62))
        pen.ellipse(
            (tx - crown, horizon - 50 - crown, tx + crown, horizon - 50 + crown), fill=green
        )
    pen.rectangle((8, height - 26, 8 + 7 * len(caption) + 10, height - 8), fill=(20, 20, 20))
    pen.text((13, height - 23), caption, fill=(240, 240, 240))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=78)
    return out.getvalue()
