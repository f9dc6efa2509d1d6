"""A small ONNX model written byte by byte, so that tests need neither weights nor a library.

It answers ``fixed + slope * brightness``, where brightness is the mean of one channel of what it
was fed: enough to see order of channels, scale and output layout. Fields by onnx.proto3.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
_FLOAT = 1


def model(fixed: Array, slope: Array, channel: int, height: int, width: int) -> bytes:
    """A model of one input (1, 3, height, width) and one output of the shape of ``fixed``."""
    chosen = np.zeros((1, 3, 1, 1), np.float32)
    chosen[0, channel] = 1
    graph = b"".join(
        (
            _node("GlobalAveragePool", ["images"], "pooled"),
            _node("Mul", ["pooled", "chosen"], "one"),
            _node("ReduceSum", ["one"], "bright", _integer("keepdims", 0)),
            _node("Mul", ["slope", "bright"], "sloped"),
            _node("Add", ["sloped", "fixed"], "output"),
            _text(2, "small"),
            _part(5, _tensor("chosen", chosen)),
            _part(5, _tensor("slope", slope)),
            _part(5, _tensor("fixed", fixed)),
            _part(11, _value("images", (1, 3, height, width))),
            _part(12, _value("output", fixed.shape)),
        )
    )
    return _whole(1, 8) + _part(8, _text(1, "") + _whole(2, 13)) + _part(7, graph)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def _whole(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _part(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _text(field: int, content: str) -> bytes:
    return _part(field, content.encode())


def _integer(name: str, value: int) -> bytes:
    return _text(1, name) + _whole(3, value) + _whole(20, 2)


def _node(kind: str, inputs: list[str], output: str, attribute: bytes | None = None) -> bytes:
    body = b"".join(_text(1, one) for one in inputs) + _text(2, output) + _text(4, kind)
    return _part(1, body + (_part(5, attribute) if attribute else b""))


def _tensor(name: str, values: Array) -> bytes:
    dims = b"".join(_whole(1, side) for side in values.shape)
    raw = np.ascontiguousarray(values, "<f4").tobytes()
    return dims + _whole(2, _FLOAT) + _text(8, name) + _part(9, raw)


def _value(name: str, shape: tuple[int, ...]) -> bytes:
    dims = b"".join(_part(1, _whole(1, side)) for side in shape)
    return _text(1, name) + _part(2, _part(1, _whole(1, _FLOAT) + _part(2, dims)))
