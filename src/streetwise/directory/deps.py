"""What routes work with: the runtime, who asks, and the two cookies.

``current`` is the dependency of every route of every room: who asks, and with what.
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request, Response

from streetwise.directory.devices import client_address, device_name, networks, shown_network
from streetwise.directory.sessions import SignedIn, signed_in
from streetwise.directory.sign_in import Came
from streetwise.kernel.errors import Unauthenticated
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.settings import Settings
from streetwise.kernel.viewer import Viewer

COOKIE = "streetwise_session"
PENDING_COOKIE = "streetwise_pending"


@dataclass(frozen=True)
class Deps:
    """What a route works with."""

    runtime: Runtime
    signed_in: SignedIn

    @property
    def viewer(self) -> Viewer:
        """Who asks."""
        return self.signed_in.viewer


def runtime_of(request: Request) -> Runtime:
    """The runtime of this process."""
    runtime: Runtime = request.app.state.runtime
    return runtime


async def current(request: Request) -> Deps:
    """Who asks. Raises Unauthenticated."""
    return await _who(request, touch=True)


async def still_there(request: Request) -> Deps:
    """The same for a stream that goes on for hours: its being open is no use of the session."""
    return await _who(request, touch=False)


async def _who(request: Request, *, touch: bool) -> Deps:
    runtime = runtime_of(request)
    token = request.cookies.get(cookie_name(runtime.settings, COOKIE))
    if not token:
        raise Unauthenticated("Please sign in.")
    return Deps(runtime, await signed_in(runtime.database, runtime.settings, token, touch=touch))


def came(request: Request) -> Came:
    """Where a request comes from."""
    settings = runtime_of(request).settings
    peer = request.client.host if request.client else ""
    forwarded = request.headers.get("x-forwarded-for", "")
    address = client_address(peer, forwarded, networks(settings.trusted_proxies))
    return Came(address, shown_network(address), device_name(request.headers.get("user-agent", "")))


def cookie_name(settings: Settings, name: str) -> str:
    """Over https with the prefix that keeps other hosts of the domain from setting it."""
    return f"__Host-{name}" if settings.secure_cookies else name


def set_cookie(response: Response, settings: Settings, name: str, token: str) -> None:
    """Give the browser a token, for as long as it may live at most."""
    hours = settings.session_absolute_hours
    seconds = hours * 3600 if name == COOKIE else settings.sign_in_pending_minutes * 60
    response.set_cookie(
        cookie_name(settings, name),
        token,
        max_age=int(seconds),
        path="/",
        httponly=True,
        secure=settings.secure_cookies,
        samesite="strict",
    )


def drop_cookie(response: Response, settings: Settings, name: str) -> None:
    """Take a token from the browser."""
    response.delete_cookie(
        cookie_name(settings, name),
        path="/",
        httponly=True,
        secure=settings.secure_cookies,
        samesite="strict",
    )
