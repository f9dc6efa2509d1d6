"""Asking a model: written down first, then sent, then looked at. Nothing is stored of it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from streetwise.kernel import logs
from streetwise.kernel.errors import Conflict, Invalid, NotFound, Unavailable
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import repository as cases
from streetwise.resolve.answers import facts, voices
from streetwise.resolve.answers.voices import Voice
from streetwise.resolve.answers.wording import CaseFacts, Checked, VoiceFacts, check, propose
from streetwise.resolve.assist import client, prompts
from streetwise.resolve.assist.prompts import KINDS, Kind, Prompt
from streetwise.resolve.tables import Case, units_of

log = logs.get(__name__)

declare(
    {
        "assist.asked": "A model was asked for a summary or a draft; data: kind, model, characters"
        " (how many were sent, masked).",
    }
)

#: Of a case with very many voices, the model gets the first.
SIGNALS_SENT = 20
_SENTENCES: dict[client.FailedKind, str] = {
    "timeout": "The model did not answer in time.",
    "unreachable": "The model cannot be reached.",
    "refused": "The model's server refused the question.",
    "busy": "The model's server has a problem of its own, or is busy.",
    "nonsense": "What the model's server answered is not usable.",
    "too_long": "What the model answered is too long to be of use.",
}


@dataclass(frozen=True, slots=True)
class Said:
    """What a model said, masked; for a draft, what a look at it found."""

    text: str
    checked: Checked | None


@dataclass(frozen=True, slots=True)
class _Question:
    case: Case
    prompt: Prompt
    about: VoiceFacts | None


async def ask(
    runtime: Runtime, viewer: Viewer, kind: str, case_id: UUID, signal_id: UUID | None
) -> Said:
    """Ask for a summary of a case, or for a draft of the answer to one voice.

    The entry is committed before anything is sent, so that nothing goes out unseen. Raises
    Conflict (off), Unavailable (with what went wrong; nothing was changed).
    """
    viewer.require("order.answer")
    wanted = _kind(kind)
    if not runtime.settings.assist_url:
        raise Conflict(
            "No model is configured (assist_url); everything works without.", code="assist_off"
        )
    question = await _question(runtime, viewer, wanted, case_id, signal_id)
    async with runtime.database.unit_of_work(viewer) as uow:
        case = question.case
        uow.record(
            Entry(
                viewer.actor,
                "assist.asked",
                "case",
                case.id,
                area=case.area,
                units=units_of(case),
                grade=case.grade,
                data={
                    "kind": wanted,
                    "model": runtime.settings.assist_model,
                    "characters": question.prompt.characters,
                },
                drill=viewer.drill,
            )
        )
    try:
        text = prompts.readable(await client.ask(runtime.settings, question.prompt))
    except client.Failed as failed:
        log.warning("assist_failed", kind=failed.kind, why=failed.why)
        raise Unavailable(
            f"{_SENTENCES[failed.kind]} Nothing was changed; write it yourself, or try again.",
            code=f"assist_{failed.kind}",
        ) from None
    if not text:
        raise Unavailable(
            f"{_SENTENCES['nonsense']} Nothing was changed; write it yourself, or try again.",
            code="assist_nonsense",
        )
    return Said(text, check(text, question.about) if question.about else None)


def _kind(kind: str) -> Kind:
    for known in KINDS:
        if known == kind:
            return known
    raise Invalid(f"There are {', '.join(KINDS)}.", code="assist_kind")


async def _question(
    runtime: Runtime, viewer: Viewer, kind: Kind, case_id: UUID, signal_id: UUID | None
) -> _Question:
    settings = runtime.settings
    async with runtime.database.read(viewer) as session:
        case = await cases.case(session, viewer, case_id)
        told = await voices.of_case(session, viewer, case, settings)
        known = await facts.of_case(session, viewer, case)
    about = None
    if kind == "draft":
        about = facts.about(known, _voice(told, signal_id))
        material = [*_of_case(case, known), ("诉求", about.text), ("草稿", propose(about) or "")]
    else:
        material = [*_of_case(case, known), *_of_voices(told)]
    prompt = prompts.compose(
        kind,
        material,
        form=about.way.form if about else "none",
        most_characters=settings.assist_max_characters,
    )
    return _Question(case, prompt, about)


def _voice(told: list[Voice], signal_id: UUID | None) -> Voice:
    for voice in told:
        if voice.signal.id == signal_id:
            return voice
    raise NotFound("This case has no such voice.", id=str(signal_id))


def _of_case(case: Case, known: CaseFacts) -> list[tuple[str, str]]:
    parts = [
        ("标题", case.title),
        ("类别", known.category),
        ("地点", known.place),
        ("承办单位", known.unit),
        ("处理情况", known.done),
        ("处理时间", f"{known.done_at:%Y-%m-%d %H:%M}" if known.done_at else None),
    ]
    return [(name, value) for name, value in parts if value]


def _of_voices(told: list[Voice]) -> list[tuple[str, str]]:
    """What was told, masked. A text that could not be masked is not there, and so not sent."""
    return [
        (f"来件{number}（{voice.signal.channel or voice.signal.source_name}）", voice.signal.text)
        for number, voice in enumerate(told[:SIGNALS_SENT], start=1)
        if voice.signal.text
    ]
