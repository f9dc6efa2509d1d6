"""For the doctor: whether the model that is configured can be reached."""

from __future__ import annotations

from streetwise.kernel.doctor.finding import Finding
from streetwise.kernel.settings import Settings
from streetwise.resolve.assist import client

_DO = {
    "refused": "Set assist_key to one that the model's server takes.",
    "busy": "See what the model's server says in its own log.",
}
_SEE = (
    "See that it runs and can be reached from this machine (assist_url ends in /v1 as a rule), or"
    " empty assist_url: nothing depends on it."
)


async def look(settings: Settings) -> list[Finding]:
    """Ask for the list of models; nothing of the street is sent."""
    if not settings.assist_url:
        return []
    try:
        await client.probe(settings)
    except client.Failed as failed:
        said = f"{failed.kind}: {failed.why}" if failed.why else failed.kind
        return [
            Finding(
                "assist_unreachable",
                f"The model for drafts and summaries (assist_url) does not answer ({said}).",
                _DO.get(failed.kind, _SEE),
                serious=False,
            )
        ]
    return []
