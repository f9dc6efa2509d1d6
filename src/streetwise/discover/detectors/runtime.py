"""The two engines that run an ONNX file, behind one small class: same numbers within a tolerance.

Precision is pinned to 32-bit floats: OpenVINO would otherwise choose bfloat16 where the processor
has it, and the two would differ by machine. Threads are always named, so that a fleet of processes
does not fight for the cores. Which engine is faster is measured where the model is added
(``registry.add``).
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from typing import Any, Literal, Protocol, get_args

import numpy as np

from streetwise.discover.detectors.boxes import Floats
from streetwise.kernel.errors import Invalid

Engine = Literal["onnxruntime", "openvino"]
ENGINES: tuple[Engine, ...] = get_args(Engine)
#: Two engines agree on a raw output when no number differs by more: absolute plus relative part.
TOLERANCE_ABSOLUTE = 2e-3
TOLERANCE_RELATIVE = 2e-3


class Runtime(Protocol):
    """A loaded model: pictures in (n, 3, height, width), raw outputs out (n, …), both float32."""

    engine: Engine
    threads: int

    def infer(self, pictures: Floats) -> Floats:
        """The raw outputs, in the order of the pictures."""


def engines() -> tuple[Engine, ...]:
    """Those that are installed here."""
    return tuple(one for one in ENGINES if importlib.util.find_spec(one) is not None)


def open_runtime(model: bytes, engine: Engine, threads: int) -> Runtime:
    """The model on an engine, with so many threads; Invalid where it cannot be loaded."""
    if engine not in engines():
        raise Invalid(f"{engine} is not installed here.", code="detector_engine")
    try:
        return OnnxRuntime(model, threads) if engine == "onnxruntime" else OpenVino(model, threads)
    # Both engines have their own errors, and none of them a common base.
    except Exception as error:
        if isinstance(error, Invalid):
            raise
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise Invalid(f"{engine} cannot load the model: {first}", code="detector_model") from error


def agree(one: Floats, other: Floats) -> bool:
    """Whether two raw outputs are the same within the tolerance."""
    return one.shape == other.shape and bool(
        np.allclose(one, other, rtol=TOLERANCE_RELATIVE, atol=TOLERANCE_ABSOLUTE)
    )


class OnnxRuntime:
    """ONNX Runtime on processors: everywhere."""

    engine: Engine = "onnxruntime"

    def __init__(self, model: bytes, threads: int) -> None:
        import onnxruntime as ort  # noqa: PLC0415 - a tenth of a second, for who infers only

        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Waiting threads sleep: the other processes of a small machine need the cores.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        self._session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        _single(len(inputs), len(outputs))
        self._input = inputs[0].name
        self._batched = not isinstance(inputs[0].shape[0], int)
        self.threads = threads

    def infer(self, pictures: Floats) -> Floats:
        """A model of a fixed batch of one takes the pictures one by one."""
        batches = (
            [pictures] if self._batched else [pictures[i : i + 1] for i in range(len(pictures))]
        )
        return _joined([self._session.run(None, {self._input: one})[0] for one in batches])


class OpenVino:
    """OpenVINO: faster on many x86-64 processors; one stream per thread, so that pictures of a
    batch run side by side instead of each on all threads."""

    engine: Engine = "openvino"

    def __init__(self, model: bytes, threads: int) -> None:
        import openvino as ov  # noqa: PLC0415 - half a second, for who infers only

        core = ov.Core()
        read = core.read_model(model)
        _single(len(read.inputs), len(read.outputs))
        shape = read.inputs[0].get_partial_shape()
        if shape[0].is_dynamic:
            shape[0] = 1
            read.reshape(shape)
        self._compiled = core.compile_model(
            read,
            "CPU",
            {
                "INFERENCE_PRECISION_HINT": "f32",
                "INFERENCE_NUM_THREADS": threads,
                "NUM_STREAMS": threads,
            },
        )
        self._requests = [self._compiled.create_infer_request() for _ in range(threads)]
        self.threads = threads

    def infer(self, pictures: Floats) -> Floats:
        """As many pictures at a time as there are threads."""
        out: list[Floats] = []
        for start in range(0, len(pictures), self.threads):
            part = pictures[start : start + self.threads]
            running: list[Any] = []
            for request, one in zip(self._requests, part, strict=False):
                request.start_async({0: one[None]}, share_inputs=True)
                running.append(request)
            for request in running:
                request.wait()
                out.append(np.array(request.get_output_tensor(0).data, np.float32))
        return _joined(out)


def _single(inputs: int, outputs: int) -> None:
    if (inputs, outputs) != (1, 1):
        raise Invalid(
            f"The model has {inputs} inputs and {outputs} outputs; a detector here has one"
            " of each.",
            code="detector_model",
        )


def _joined(parts: Sequence[Floats]) -> Floats:
    return np.concatenate(parts) if parts else np.empty((0,), np.float32)
