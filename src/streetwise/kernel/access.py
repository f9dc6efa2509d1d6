"""What a route needs, said where the route is: one word beside its address.

``@router.get("/cases", openapi_extra=needs("case.read"))``. The declaration goes into the OpenAPI
document; docs/reference/access.md is made from it, and the access test compares what each route
declares with what it does. A route without one fails that test.
"""

from __future__ import annotations

from typing import Any

NEEDS, HIDES = "x-needs", "x-hides"
#: Anybody, signed in or not.
PUBLIC = "public"
#: Anybody who is signed in.
SIGNED_IN = "signed in"
#: Whose sign-in waits for this step; who is signed in has no such thing.
PENDING = "a pending sign-in"


def needs(*capabilities: str, hides: bool = False) -> dict[str, Any]:
    """One of these capabilities (columns of roles.csv), or PUBLIC, SIGNED_IN or PENDING.

    ``{action}`` stands for the action in the path. ``hides``: who may not gets the answer of a
    thing that is not there (404), instead of a refusal that tells that it is.
    """
    return {NEEDS: list(capabilities), HIDES: hides}
