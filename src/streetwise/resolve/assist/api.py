"""The route of assist."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current
from streetwise.kernel.access import needs
from streetwise.resolve.answers.views import check_view
from streetwise.resolve.assist import actions
from streetwise.resolve.assist.schemas import AssistForm, AssistView

router = APIRouter(tags=["assist"], route_class=ShownRoute)

Current = Annotated[Deps, Depends(current)]


@router.post("/cases/{case_id}/assist/{kind}", openapi_extra=needs("order.answer"))
async def ask_model(deps: Current, case_id: UUID, kind: str, form: AssistForm) -> AssistView:
    """Ask the street's own model for a ``summary`` of a case, or a ``draft`` for one voice. What
    it says is shown and kept nowhere."""
    said = await actions.ask(deps.runtime, deps.viewer, kind, case_id, form.signal_id)
    return AssistView(
        kind="draft" if said.checked else "summary",
        text=said.text,
        machine=True,
        model=deps.runtime.settings.assist_model,
        check=check_view(said.text, said.checked) if said.checked else None,
    )
