"""A Chinese font for what is drawn: found on the machine, cut down to what a report says.

PDF takes TrueType outlines. The usual free Chinese fonts (Noto, Source Han) have PostScript
outlines in a collection of languages: the face of simplified Chinese is taken, cut down to the
characters needed and its curves are turned into TrueType's, well below what a printer shows.
Where there is no font there is an error that says what to install: never a page of boxes.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from streetwise.kernel.errors import Unavailable

FOLDERS = (
    "/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts",
    "/System/Library/Fonts", "/Library/Fonts", "C:/Windows/Fonts",
)  # fmt: skip
#: (regular, bold) by file name, the best first. Where there is no bold, the regular one is taken.
KNOWN = (
    ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc"),
    ("NotoSansCJKsc-Regular.otf", "NotoSansCJKsc-Bold.otf"),
    ("NotoSansSC-Regular.otf", "NotoSansSC-Bold.otf"),
    ("NotoSansSC-Regular.ttf", "NotoSansSC-Bold.ttf"),
    ("SourceHanSansSC-Regular.otf", "SourceHanSansSC-Bold.otf"),
    ("SourceHanSansCN-Regular.otf", "SourceHanSansCN-Bold.otf"),
    ("wqy-microhei.ttc", "wqy-microhei.ttc"),
    ("wqy-zenhei.ttc", "wqy-zenhei.ttc"),
    ("msyh.ttc", "msyhbd.ttc"),
    ("simhei.ttf", "simhei.ttf"),
    ("PingFang.ttc", "PingFang.ttc"),
)
#: What every Chinese text may need, and no font without Chinese has.
PROBE = "街道处置"
#: How far a turned curve may lie beside the original, in units of the em (1,000 of them).
CURVE_ERROR = 1.0
MISSING = (
    "There is no Chinese font on this machine, and a report without one would be boxes."
    " On Debian: apt-get install fonts-noto-cjk. Or name a font file: STREETWISE_REPORT_FONT_FILE."
)


class NoFont(Unavailable):
    """No font that has Chinese; the message says what to install."""

    code = "font_missing"


@dataclass(frozen=True, slots=True)
class Face:
    """A face in a font file. ``number``: its place in a collection."""

    path: Path
    number: int


@dataclass(frozen=True, slots=True)
class Fonts:
    """What is drawn with."""

    regular: Face
    bold: Face


def find(named: Path | None = None, folders: Iterable[str] = FOLDERS) -> Fonts:
    """The named font, else the best known one. Raises NoFont."""
    if named is not None:
        face = _face(named) if named.is_file() else None
        if face is None:
            raise NoFont(f"'{named}' is no font file with Chinese. {MISSING}")
        return Fonts(face, face)
    files = _files(tuple(folders))
    for regular, bold in KNOWN:
        face = _face(files[regular]) if regular in files else None
        if face is not None:
            heavy = _face(files[bold]) if bold in files else None
            return Fonts(face, heavy or face)
    raise NoFont(MISSING)


def _files(folders: tuple[str, ...]) -> dict[str, Path]:
    wanted = {name for pair in KNOWN for name in pair}
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(Path(folder).expanduser().rglob("*")):
            if path.name in wanted:
                found.setdefault(path.name, path)
    return found


@cache
def _face(path: Path) -> Face | None:
    """The face of simplified Chinese; None where the file has no Chinese."""
    from fontTools.ttLib import TTCollection, TTFont, TTLibError  # noqa: PLC0415 - slow to load

    try:
        if path.suffix.lower() in (".ttc", ".otc"):
            faces: list[Any] = TTCollection(str(path), lazy=True).fonts
        else:
            faces = [TTFont(str(path), lazy=True)]
        fit = [n for n, face in enumerate(faces) if _has_chinese(face)]
        simplified = [n for n in fit if _is_simplified(str(faces[n]["name"].getDebugName(1)))]
    except (TTLibError, OSError):
        return None
    return Face(path, (simplified or fit)[0]) if fit else None


def _has_chinese(face: Any) -> bool:
    return all(ord(one) in face.getBestCmap() for one in PROBE)


def _is_simplified(name: str) -> bool:
    return "Mono" not in name and ("SC" in name.split() or name.endswith("CN"))


def cut(face: Face, characters: Iterable[str]) -> tuple[bytes, set[str]]:
    """A TrueType font of these characters, and those that the face has not. The same characters
    of the same file give the same bytes.
    """
    from fontTools import subset  # noqa: PLC0415 - slow to load
    from fontTools.ttLib import TTFont  # noqa: PLC0415

    font = TTFont(str(face.path), fontNumber=face.number, recalcTimestamp=False, lazy=True)
    known = font.getBestCmap()
    wanted = {ord(one) for one in characters} | {0x20}
    options = subset.Options(
        layout_features=[], name_IDs=[1, 2, 4, 6], notdef_outline=True, hinting=False,
        drop_tables=[*subset.Options().drop_tables, "BASE", "VORG", "vhea", "vmtx", "DSIG"],
    )  # fmt: skip
    # It tells of every table that it drops.
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=wanted & set(known))
    subsetter.subset(font)
    if "glyf" not in font:
        _turn(font)
    out = io.BytesIO()
    font.save(out, reorderTables=True)
    return out.getvalue(), {chr(one) for one in wanted - set(known)}


def _turn(font: Any) -> None:
    """From PostScript's outlines to TrueType's."""
    from fontTools.pens.cu2quPen import Cu2QuPen  # noqa: PLC0415
    from fontTools.pens.ttGlyphPen import TTGlyphPen  # noqa: PLC0415
    from fontTools.ttLib import newTable  # noqa: PLC0415

    order, drawn = font.getGlyphOrder(), font.getGlyphSet()
    glyphs = {}
    error = CURVE_ERROR * font["head"].unitsPerEm / 1000
    for name in order:
        pen = TTGlyphPen(drawn)
        drawn[name].draw(Cu2QuPen(pen, error, reverse_direction=True))
        glyphs[name] = pen.glyph()
    font["loca"] = newTable("loca")
    font["glyf"] = glyf = newTable("glyf")
    glyf.glyphOrder, glyf.glyphs = order, glyphs
    for table in ("CFF ", "CFF2"):
        if table in font:
            del font[table]
    for name, glyph in glyphs.items():
        glyph.recalcBounds(glyf)
        width, _ = font["hmtx"][name]
        font["hmtx"][name] = (width, getattr(glyph, "xMin", 0))
    font["maxp"] = maxp = newTable("maxp")
    maxp.tableVersion, maxp.numGlyphs = 0x00010000, len(order)
    for field in (
        "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs",
        "maxStackElements", "maxSizeOfInstructions", "maxComponentElements",
        "maxPoints", "maxContours", "maxCompositePoints", "maxCompositeContours",
        "maxComponentDepth",
    ):  # fmt: skip
        setattr(maxp, field, 0)
    maxp.maxZones = 1
    font["post"].formatType = 3.0
    font.sfntVersion = "\000\001\000\000"
