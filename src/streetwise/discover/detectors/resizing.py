"""An ONNX file whose input has a fixed size, for another size. Pure.

A network of convolutions does the same at each place, so one that was exported for 416 × 416 takes
416 × 256 with the same weights: a picture of 16 to 9 fills that, where the square is two fifths
grey. Only what the file says about sizes is changed: the input's height and width, and the shapes
that it names for its output and for what lies between, which the engine finds out anew. One that
is no such network (sizes are in its weights) the engine refuses, or its output has not the rows
that its card says.

Fields of the format by onnx.proto3 (ModelProto, GraphProto, ValueInfoProto, TypeProto).
"""

from __future__ import annotations

from collections.abc import Iterator

from streetwise.kernel.errors import Invalid

_GRAPH = 7  # of a model
_INPUT, _OUTPUT, _BETWEEN = 11, 12, 13  # of a graph
_TYPE = 2  # of an input or output
_TENSOR = 1  # of a type
_SHAPE = 2  # of a tensor's type
_DIMENSION, _VALUE = 1, 1
_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5


def resized(model: bytes, width: int, height: int) -> bytes:
    """The same file for pictures of this size; Invalid where it is no ONNX file."""
    try:
        return b"".join(
            _part(number, _graph(content, width, height)) if number == _GRAPH else raw
            for number, content, raw in _fields(model)
        )
    except (IndexError, ValueError) as error:
        raise Invalid("The file is no ONNX model.", code="detector_model") from error


def _graph(graph: bytes, width: int, height: int) -> bytes:
    out = []
    for number, content, raw in _fields(graph):
        if number == _INPUT:
            out.append(_part(_INPUT, _nested(content, (_TYPE, _TENSOR, _SHAPE), width, height)))
        elif number == _OUTPUT:
            out.append(_part(_OUTPUT, _nested(content, (_TYPE, _TENSOR, _SHAPE), 0, 0)))
        elif number != _BETWEEN:
            out.append(raw)
    return b"".join(out)


def _nested(message: bytes, path: tuple[int, ...], width: int, height: int) -> bytes:
    """The message with the shape at the end of the path given anew, or (0) left out."""
    out = []
    for number, content, raw in _fields(message):
        if number != path[0]:
            out.append(raw)
        elif len(path) > 1:
            out.append(_part(number, _nested(content, path[1:], width, height)))
        elif height:
            out.append(_part(number, _shape(content, width, height)))
    return b"".join(out)


def _shape(shape: bytes, width: int, height: int) -> bytes:
    """Batch and channels as they are, height and width as given."""
    sides = [raw for number, _, raw in _fields(shape) if number == _DIMENSION]
    if len(sides) != 4:
        raise ValueError("a picture's input has four sides")
    given = [_part(_DIMENSION, _varint(_VALUE << 3) + _varint(side)) for side in (height, width)]
    return b"".join([*sides[:2], *given])


def _fields(message: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Each field: its number, its content where it is bytes, and all of it as it stands."""
    at = 0
    while at < len(message):
        begin = at
        key, at = _read(message, at)
        content = b""
        kind = key & 7
        if kind == _BYTES:
            size, at = _read(message, at)
            content = message[at : at + size]
            at += size
        elif kind == _VARINT:
            _, at = _read(message, at)
        elif kind in (_EIGHT, _FOUR):
            at += 8 if kind == _EIGHT else 4
        else:
            raise ValueError("a kind of field that there is not")
        if at > len(message):
            raise ValueError("a field that ends after the end")
        yield key >> 3, content, message[begin:at]


def _read(message: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, and where it ends."""
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _part(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | _BYTES) + _varint(len(content)) + content
