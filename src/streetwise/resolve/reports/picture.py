"""A chart as a picture, for documents that hold no drawings of ours."""

from __future__ import annotations

import io
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from streetwise.resolve.reports.content import Chart
from streetwise.resolve.reports.drawing import Box, Stroke, draw
from streetwise.resolve.reports.fonts import Face, Fonts

#: Pixels for a point: sharp on paper.
SCALE = 3.0


def picture(chart: Chart, fonts: Fonts) -> bytes:
    """PNG."""

    def measure(text: str, size: float) -> float:
        return _font(fonts.regular, size).getlength(text) / SCALE

    drawing = draw(chart, measure)
    size = (round(drawing.width * SCALE), round(drawing.height * SCALE))
    image = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(image)
    for shape in drawing.shapes:
        if isinstance(shape, Box):
            corners = (shape.x, shape.y, shape.x + shape.width, shape.y + shape.height)
            pen.rectangle([one * SCALE for one in corners], fill=shape.colour)
        elif isinstance(shape, Stroke):
            ends = (shape.x1, shape.y1, shape.x2, shape.y2)
            width = max(1, round(shape.width * SCALE))
            pen.line([one * SCALE for one in ends], fill=shape.colour, width=width)
        else:
            font = _font(fonts.bold if shape.bold else fonts.regular, shape.size)
            anchor = {"start": "ls", "middle": "ms", "end": "rs"}[shape.anchor]
            at = (shape.x * SCALE, shape.y * SCALE)
            pen.text(at, shape.text, fill=shape.colour, font=font, anchor=anchor)
    out = io.BytesIO()
    image.quantize(32).save(out, "PNG", optimize=True)
    return out.getvalue()


@cache
def _font(face: Face, size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(face.path), size * SCALE, index=face.number)
