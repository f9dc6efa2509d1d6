"""What stands and moves in a street, as solids: vehicles, people, bins, bags, stalls, trees.

Nothing here can be read or recognised: plates are plain, faces are plain, signs are plain.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from .solids import P3, Ball, Colour, Face, Rod, Shape, block, box, flat, pane

PAINTS: tuple[Colour, ...] = (
    (226, 226, 224), (206, 208, 210), (38, 40, 44), (92, 96, 102), (150, 30, 34), (34, 62, 120),
    (120, 100, 74), (58, 92, 80), (196, 150, 60), (170, 176, 182), (88, 34, 52), (60, 108, 150),
)  # fmt: skip
CLOTHES: tuple[Colour, ...] = (
    (40, 44, 60), (150, 40, 44), (70, 98, 150), (220, 216, 206), (90, 84, 70), (196, 160, 84),
    (60, 110, 84), (120, 76, 120), (28, 30, 34), (206, 120, 130), (110, 140, 150), (236, 140, 50),
)  # fmt: skip
SKIN, HAIR = (204, 164, 136), (34, 28, 26)
GLASS, TYRE, HUB = (52, 62, 74), (24, 24, 26), (128, 130, 132)
BIN_COLOURS: tuple[Colour, ...] = ((58, 62, 66), (40, 104, 66), (44, 84, 148), (150, 42, 40))
BAG_COLOURS: tuple[Colour, ...] = (
    (30, 31, 34), (44, 44, 50), (196, 198, 196), (150, 36, 40), (46, 96, 150), (206, 170, 60),
    (112, 110, 106), (60, 120, 80), (222, 214, 200), (26, 28, 30),
)  # fmt: skip
#: Length, width, height of vehicles in metres.
SIZES = {
    "car": (4.5, 1.8, 1.46), "van": (4.9, 1.8, 1.95), "bus": (10.6, 2.5, 3.1),
    "truck": (5.6, 2.0, 2.4),
}  # fmt: skip


def vehicle(kind: str, paint: Colour, *, lamps: bool, wear: random.Random) -> list[Shape]:
    """A car, van, bus or truck, its front towards x."""
    length, width, high = SIZES[kind]
    h, w = length / 2, width / 2
    out: list[Shape] = []
    if kind == "car":
        body = box((-h, h), (-w, w), (0.28, 0.86), paint)
        low = flat(-h * 0.78, h * 0.42, -w * 0.94, w * 0.94, 0.86)
        roof = flat(-h * 0.5, h * 0.06, -w * 0.8, w * 0.8, high)
        cabin = block(low, roof, paint)
        out += _glazed(cabin, sides=((0.1, 0.46), (0.52, 0.9)))
    elif kind == "truck":
        body = box((h * 0.42, h), (-w * 0.94, w * 0.94), (0.4, 1.95), paint)
        out += [pane(body[1], (0.08, 0.92), (0.5, 0.92), GLASS)]
        out += [pane(body[k], (0.2, 0.8), (0.5, 0.9), GLASS) for k in (0, 2)]
        load = box((-h, h * 0.38), (-w, w), (0.7, high), (196, 194, 184), (170, 168, 160))
        out += [*load, pane(load[3], (0.47, 0.5), (0.05, 0.95), (110, 110, 106))]
        out += box((-h, h), (-w * 0.5, w * 0.5), (0.35, 0.7), (40, 40, 42))
    else:
        body = box((-h, h), (-w, w), (0.34, high), paint)
        top = (0.46, 0.86) if kind == "bus" else (0.52, 0.9)
        count = 6 if kind == "bus" else 3
        for side in (0, 2):
            for k in range(count):
                u = (0.03 + 0.95 * k / count, 0.03 + 0.95 * (k + 0.84) / count)
                out.append(pane(body[side], u, top, GLASS))
            if kind == "bus":
                out.append(pane(body[side], (0, 1), (0.12, 0.3), _darker(paint, 0.66)))
        out += [pane(body[1], (0.06, 0.94), (0.42, 0.9), GLASS)]
        out += [pane(body[3], (0.1, 0.9), (0.5, 0.88), GLASS)]
        if kind == "bus":
            out.append(pane(body[1], (0.2, 0.8), (0.91, 0.98), (230, 170, 60), glow=lamps))
    out += body
    out += _ends(body, lamps, wear)
    for x in (-h * 0.62, h * 0.62):
        for y in (-w - 0.01, w + 0.01):
            out += _wheel(x, y, 0.33 if kind != "bus" else 0.48)
    return out


def _glazed(cabin: Sequence[Face], sides: Sequence[tuple[float, float]]) -> list[Shape]:
    out: list[Shape] = [*cabin]
    out += [pane(cabin[k], u, (0.12, 0.9), GLASS) for k in (0, 2) for u in sides]
    return [*out, *(pane(cabin[k], (0.07, 0.93), (0.08, 0.92), GLASS) for k in (1, 3))]


def _ends(body: Sequence[Face], lamps: bool, wear: random.Random) -> list[Shape]:
    """Head lamps, tail lamps, bumpers and plates without any character."""
    front, rear = body[1], body[3]
    white = (255, 248, 220) if lamps else (214, 216, 214)
    red = (236, 44, 36) if lamps else (140, 30, 30)
    plate = wear.choice(((38, 74, 160), (70, 150, 96), (38, 74, 160)))
    out: list[Shape] = []
    for u in ((0.03, 0.24), (0.76, 0.97)):
        out.append(pane(front, u, (0.36, 0.68), white, glow=lamps, lift=0.3))
        out.append(pane(rear, u, (0.4, 0.72), red, glow=lamps, lift=0.3))
    for end in (front, rear):
        out.append(pane(end, (0, 1), (0.0, 0.16), (44, 44, 46), lift=0.26))
        out.append(pane(end, (0.36, 0.64), (0.17, 0.34), plate, lift=0.3))
    out.append(pane(front, (0.28, 0.72), (0.4, 0.62), (36, 36, 40), lift=0.28))
    return out


def _wheel(x: float, y: float, radius: float) -> list[Shape]:
    out: list[Shape] = []
    for r, colour, lift in ((radius, TYRE, 0.3), (radius * 0.55, HUB, 0.34)):
        ring = [(x + r * math.cos(a), y, radius + r * math.sin(a))
                for a in (math.tau * k / 12 for k in range(12))]  # fmt: skip
        out.append(Face(tuple(ring if y < 0 else ring[::-1]), colour, lift=lift))
    return out


def person(rng: random.Random, phase: float | None, *, bent: float = 0.0) -> list[Shape]:
    """Somebody walking (``phase`` of a step, 0 to 1) or standing (None)."""
    coat, legs = rng.choice(CLOTHES), rng.choice(CLOTHES)
    tall, stout = rng.uniform(0.93, 1.07), rng.uniform(0.9, 1.15)
    swing = 0.0 if phase is None else 0.36 * math.sin(math.tau * phase)
    out: list[Shape] = []
    hip, neck = 0.86 * tall, 1.44 * tall
    for side, way in ((-0.09, 1), (0.09, -1)):
        knee = (way * swing * 0.5, side, 0.46 * tall)
        out.append(Rod((0, side, hip), knee, 0.17 * stout, legs))
        foot = (way * swing - 0.04 * abs(swing), side, 0.04 + 0.1 * max(0.0, -way * swing))
        out.append(Rod(knee, foot, 0.13 * stout, _darker(legs, 0.9)))
        out.append(Rod(foot, (foot[0] + 0.16, side, 0.04), 0.1, (30, 28, 28)))
    out.append(Rod((0, 0, hip - 0.04), (bent, 0, neck - 0.06), 0.42 * stout, coat))
    for side, way in ((-0.25, -1), (0.25, 1)):
        hand = (bent + way * swing * 0.9 + 0.03, side * 1.1, hip + 0.02)
        out.append(Rod((bent, side * stout, neck - 0.1), hand, 0.12, _darker(coat, 0.84), 0.05))
        out.append(Ball(hand, 0.06, SKIN, lift=0.05))
    out.append(Ball((bent + 0.02, 0, neck + 0.17), 0.125, SKIN, 1.15))
    out.append(Ball((bent - 0.02, 0, neck + 0.22), 0.125, HAIR, 0.95, lift=0.02))
    if rng.random() < 0.3:
        out += _bag_in_hand(hip, rng)
    return out


def _bag_in_hand(hip: float, rng: random.Random) -> list[Shape]:
    return [Ball((0.05, 0.31, hip - 0.24), 0.15, rng.choice(BAG_COLOURS), 1.2)]


def ebike(rng: random.Random, rider: bool, *, lamps: bool) -> list[Shape]:
    """An electric bicycle, with its rider (and now and then a box for deliveries) or parked."""
    paint = rng.choice(PAINTS)
    out: list[Shape] = []
    for x in (-0.58, 0.58):
        out.append(Rod((x - 0.16, 0, 0.27), (x + 0.16, 0, 0.27), 0.5, TYRE))
        out.append(Ball((x, 0, 0.27), 0.27, TYRE))
        out.append(Ball((x, 0, 0.27), 0.12, HUB, lift=0.1))
    out += [
        Rod((-0.5, 0, 0.42), (0.3, 0, 0.34), 0.26, paint),
        Rod((-0.62, 0, 0.72), (-0.02, 0, 0.7), 0.24, (34, 34, 36)),
        Rod((-0.5, 0, 0.42), (-0.5, 0, 0.7), 0.24, paint),
        Rod((0.36, 0, 0.34), (0.46, 0, 0.95), 0.22, paint),
        Rod((0.4, -0.3, 1.0), (0.4, 0.3, 1.0), 0.07, (30, 30, 32)),
        Ball((0.56, 0, 0.82), 0.09, (255, 246, 210) if lamps else (200, 204, 204), glow=lamps),
        Ball((-0.72, 0, 0.6), 0.07, (220, 40, 36) if lamps else (150, 30, 30), glow=lamps),
    ]
    if rng.random() < 0.4:
        carrier = rng.choice(((60, 130, 190), (214, 170, 40), (60, 60, 64)))
        out += box((-0.98, -0.5), (-0.27, 0.27), (0.74, 1.2), carrier)
    if rider:
        coat, legs = rng.choice(CLOTHES), rng.choice(CLOTHES)
        helmet = rng.choice(((200, 60, 50), (230, 200, 60), (60, 110, 180), (220, 220, 220), HAIR))
        for y in (-0.16, 0.16):
            out.append(Rod((-0.3, y, 0.78), (0.16, y, 0.66), 0.18, legs, 0.1))
            out.append(Rod((0.16, y, 0.66), (0.12, y, 0.26), 0.14, legs, 0.1))
            out.append(Rod((-0.24, y * 1.5, 1.3), (0.34, y * 1.6, 1.02), 0.11, coat, 0.1))
        out.append(Rod((-0.32, 0, 0.8), (-0.2, 0, 1.34), 0.42, coat))
        out.append(Ball((-0.14, 0, 1.56), 0.13, SKIN))
        out.append(Ball((-0.17, 0, 1.61), 0.14, helmet, lift=0.02))
    return out


def bin_(colour: Colour, fill: float, rng: random.Random) -> list[Shape]:
    """A wheeled bin, front towards x; filled over 1 its lid stands open and it brims over."""
    low, high = flat(-0.24, 0.24, -0.2, 0.2, 0.08), flat(-0.36, 0.36, -0.29, 0.29, 0.98)
    out: list[Shape] = [*block(low, high, colour, (28, 28, 30))]
    out += [Ball((-0.26, y, 0.1), 0.1, TYRE) for y in (-0.24, 0.24)]
    face = out[1]
    if isinstance(face, Face):
        out.append(pane(face, (0.3, 0.7), (0.45, 0.72), (214, 216, 210), lift=0.1))
    lid = _darker(colour, 1.22)
    if fill <= 1.0:
        out += block(flat(-0.4, 0.4, -0.32, 0.32, 0.98), flat(-0.34, 0.36, -0.28, 0.28, 1.08), lid)
        return out
    out.append(
        Face(((-0.38, 0.3, 1.0), (-0.38, -0.3, 1.0), (-0.5, -0.3, 1.66), (-0.5, 0.3, 1.66)), lid,
             both=True)
    )  # fmt: skip
    for _ in range(round(9 * fill)):
        at = (
            rng.uniform(-0.3, 0.34),
            rng.uniform(-0.28, 0.28),
            rng.uniform(1.0, 1.08 + 0.3 * (fill - 0.6)),
        )
        out += _bag(at, rng.uniform(0.13, 0.22), rng)
    return out


def _bag(at: P3, r: float, rng: random.Random) -> list[Shape]:
    colour = rng.choice(BAG_COLOURS)
    x, y, z = at
    return [
        Ball(at, r, colour, 0.9),
        Ball(
            (x + r * 0.4, y + r * 0.3, z - r * 0.25),
            r * 0.78,
            _darker(colour, 0.82),
            0.8,
            lift=-0.02,
        ),
        Rod((x, y, z + r * 0.7), (x + 0.02, y, z + r * 1.35), r * 0.4, _darker(colour, 1.1)),
    ]


def bags(count: int, spread: tuple[float, float], rng: random.Random) -> list[Shape]:
    """Bags and a box or two lying on the ground."""
    out: list[Shape] = []
    for k in range(count):
        r = rng.uniform(0.16, 0.33)
        at = (rng.uniform(-1, 1) * spread[0], rng.uniform(-1, 1) * spread[1], r * 0.82)
        if k % 4 == 3:
            w = rng.uniform(0.2, 0.36)
            out += box((at[0] - w, at[0] + w), (at[1] - w * 0.7, at[1] + w * 0.7), (0, w * 1.3),
                       (178, 140, 96), (196, 160, 116))  # fmt: skip
        else:
            out += _bag(at, r, rng)
    return out


def heap(size: float, rubble: bool, rng: random.Random) -> list[Shape]:
    """A heap ``size`` metres across: builders' rubble, or household rubbish thrown together."""
    out: list[Shape] = []
    greys = ((150, 144, 134), (128, 122, 114), (172, 96, 74), (196, 190, 178), (110, 100, 90))
    for k in range(round(46 * size)):
        a, q = rng.uniform(0, math.tau), math.sqrt(rng.random())
        x, y = 0.5 * size * q * math.cos(a), 0.36 * size * q * math.sin(a)
        z = 0.42 * size * (1 - q) * rng.uniform(0.5, 1.0)
        if rubble and k % 3:
            w = rng.uniform(0.08, 0.22)
            c = rng.choice(greys)
            out += box(
                (x - w, x + w), (y - w * 0.7, y + w * 0.7), (max(0.0, z - w), z + w * 0.8), c
            )
        elif rubble:
            out.append(Ball((x, y, z + 0.06), rng.uniform(0.12, 0.3), rng.choice(greys), 0.7))
        elif k % 6 == 5:
            b = (x + rng.uniform(-0.6, 0.6), y + rng.uniform(-0.5, 0.5), z + rng.uniform(0.05, 0.7))
            out.append(Rod((x, y, z + 0.1), b, 0.08, (140, 104, 66)))
        else:
            out += _bag((x, y, z + 0.12), rng.uniform(0.12, 0.28), rng)
    return out


def stall(rng: random.Random, *, walking: bool = False) -> list[Shape]:
    """A tricycle with goods, an umbrella or canopy over it; none while it is pushed along."""
    top, cart = (
        rng.choice(((186, 40, 40), (40, 90, 160), (220, 150, 40), (60, 130, 90), (170, 60, 120))),
        rng.choice(PAINTS),
    )
    out: list[Shape] = [*box((-0.95, 0.95), (-0.5, 0.5), (0.5, 0.86), cart, (206, 200, 188))]
    goods = rng.sample(
        (
            (206, 60, 40),
            (236, 170, 50),
            (90, 150, 60),
            (230, 220, 120),
            (120, 60, 110),
            (214, 200, 190),
        ),
        3,
    )
    for k in range(26):
        at = (-0.85 + 1.7 * (k % 9) / 8, rng.uniform(-0.42, 0.42), 0.93)
        out.append(Ball(at, 0.1, goods[k % 9 // 3], lift=0.2))
    for x in (-0.6, 0.6):
        for y in (-0.52, 0.52):
            out += _wheel(x, y, 0.3)
    if walking:
        return out
    out += [
        Rod((x, y, 0.8), (x, y, 2.2), 0.06, (180, 180, 180))
        for x in (-0.9, 0.9)
        for y in (-0.6, 0.6)
    ]
    if rng.random() < 0.5:
        out += block(flat(-1.25, 1.25, -0.95, 0.95, 2.2), flat(-0.5, 0.5, -0.3, 0.3, 2.62), top)
        for k in range(8):
            x, y = -1.25 + 0.3125 * k, -0.95
            piece = ((x, y, 2.2), (x + 0.3125, y, 2.2), (x + 0.3125, y, 2.02), (x, y, 2.02))
            out.append(Face(piece, (232, 230, 224) if k % 2 else top, both=True))
    else:
        ring = [
            (1.35 * math.cos(a), 1.35 * math.sin(a), 2.12)
            for a in (math.tau * k / 8 for k in range(8))
        ]
        for k in range(8):
            colour = top if k % 2 else (234, 230, 220)
            out.append(Face((ring[k], ring[(k + 1) % 8], (0.0, 0.0, 2.62)), colour, both=True))
        out.append(Rod((0, 0, 0.8), (0, 0, 2.6), 0.06, (190, 190, 190)))
    return out


def tree(rng: random.Random, season: str, high: float) -> list[Shape]:
    """A street tree: full in summer, yellow in autumn, bare in winter."""
    trunk = (92, 78, 64)
    out: list[Shape] = [Rod((0, 0, 0), (0, 0, high * 0.5), 0.28, trunk)]
    crown = high * 0.36
    for _ in range(9):
        a, up = rng.uniform(0, math.tau), rng.uniform(0.5, 1.0)
        out.append(
            Rod(
                (0, 0, high * 0.42),
                (crown * 0.8 * math.cos(a), crown * 0.8 * math.sin(a), high * up),
                0.09,
                trunk,
            )
        )
    if season == "winter":
        for _ in range(26):
            a, b, up = rng.uniform(0, math.tau), rng.uniform(0, math.tau), rng.uniform(0.55, 0.9)
            p = (crown * 0.5 * math.cos(a), crown * 0.5 * math.sin(a), high * up)
            out.append(
                Rod(
                    p,
                    (
                        p[0] + crown * 0.5 * math.cos(b),
                        p[1] + crown * 0.5 * math.sin(b),
                        p[2] + high * 0.15,
                    ),
                    0.05,
                    trunk,
                )
            )
        return out
    base = {"spring": (112, 142, 66), "summer": (58, 104, 52), "autumn": (170, 130, 48)}[season]
    for _ in range(64):
        a, q = rng.uniform(0, math.tau), rng.random() ** 0.5
        z = high * 0.68 + crown * 0.95 * rng.uniform(-0.75, 1.0)
        wide = math.sqrt(max(0.1, 1 - ((z - high * 0.68) / crown) ** 2))
        shade = rng.uniform(0.62, 1.22) * (0.8 + 0.3 * (z - high * 0.4) / high)
        colour = _darker(base, shade)
        out.append(
            Ball(
                (crown * q * wide * math.cos(a), crown * q * wide * math.sin(a), z),
                rng.uniform(0.1, 0.2) * high * 0.7,
                colour,
                0.85,
            )
        )
    return out


def lamp_post(high: float) -> list[Shape]:
    """A street lamp with its arm over the road (towards y)."""
    grey = (120, 124, 128)
    return [
        Rod((0, 0, 0), (0, 0, high), 0.14, grey),
        Rod((0, 0, high), (0, 1.6, high + 0.3), 0.09, grey),
        Rod((0, 1.3, high + 0.26), (0, 1.9, high + 0.3), 0.2, (214, 214, 206)),
    ]  # fmt: skip


def floating(count: int, rng: random.Random) -> list[Shape]:
    """Rubbish on water, drifted together: bottles, foam, leaves, bags."""
    out: list[Shape] = []
    for _ in range(count):
        a, q = rng.uniform(0, math.tau), math.sqrt(rng.random())
        x, y = 2.0 * q * math.cos(a), 1.2 * q * math.sin(a)
        what = rng.randrange(4)
        if what == 0:
            out.append(
                Rod(
                    (x, y, 0.05),
                    (x + 0.26, y + rng.uniform(-0.2, 0.2), 0.05),
                    0.12,
                    (214, 224, 226),
                )
            )
        elif what == 1:
            out += box((x - 0.2, x + 0.2), (y - 0.16, y + 0.16), (0, 0.14), (238, 236, 228))
        else:
            colour = rng.choice((*BAG_COLOURS, (110, 96, 50), (86, 110, 50), (70, 90, 44)))
            out.append(Ball((x, y, 0.03), rng.uniform(0.1, 0.28), colour, 0.36))
    return out


def boat() -> list[Shape]:
    """A flat boat of the river's keepers: floats, and is no rubbish."""
    hull, low = flat(-1.7, 2.2, -0.62, 0.62, 0.5), flat(-1.4, 1.7, -0.45, 0.45, 0.02)
    return [*block(low, hull, (70, 92, 120), (150, 120, 84)), *person(random.Random(3), None)]


def _darker(colour: Colour, by: float) -> Colour:
    r, g, b = (min(255, max(0, int(c * by))) for c in colour)
    return r, g, b
