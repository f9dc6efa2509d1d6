"""The town's people at the API: many accounts on one connection, slowly and politely."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx

JSON = dict[str, Any]
API = "/api/v1"
TIMEOUT_SECONDS = 30.0


class Refused(Exception):
    """The server said no to this one request; asking again would not help."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code = status, code


class Trouble(Exception):
    """The server is down, starting or busy: wait and come back."""

    def __init__(self, why: str, wait: float | None = None) -> None:
        super().__init__(why)
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Account:
    login: str
    role: str
    unit_name: str


@dataclass
class Cast:
    """Who of the town may sign in."""

    accounts: list[Account] = field(default_factory=list)

    def who(self, *roles: str, unit: str | None = None) -> Account | None:
        """Somebody of a role (the first role that anybody has), of a unit if one is named."""
        for role in roles:
            found = [a for a in self.accounts if a.role == role and unit in (None, a.unit_name)]
            if found:
                # Always the same for a unit: fewer people need to sign in.
                return found[0]
        return None


@dataclass
class BusinessClock:
    """Business time as the server told it, carried on with the machine's own clock."""

    at: datetime
    told: float  # when, on the event loop's clock
    speed: float

    def now(self) -> datetime:
        passed = asyncio.get_running_loop().time() - self.told
        return self.at + timedelta(seconds=passed * self.speed)


class Client:
    """Requests in the name of accounts. Never more than `rate` a second, whatever it is asked."""

    def __init__(
        self,
        base_url: str,
        password: str,
        rate: float,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        # No proxy from the environment: the demo is on this machine.
        self._http = httpx.AsyncClient(
            base_url=base_url,
            timeout=TIMEOUT_SECONDS,
            transport=transport,
            trust_env=False,
            headers={"X-Requested-With": "streetwise"},
        )
        self._password = password
        self._gap = 1.0 / rate
        self._next = 0.0
        self._cookies: dict[str, str] = {}
        self.requests = 0

    def ask_at_most(self, rate: float) -> None:
        """Requests a second from now on."""
        self._gap = 1.0 / rate

    async def close(self) -> None:
        await self._http.aclose()

    async def about(self) -> JSON:
        answer: JSON = (await self._send("GET", "/about")).json()
        return answer

    async def get(self, who: Account, path: str, **params: object) -> JSON:
        answer: JSON = (await self._as(who, "GET", path, params=_plain(params))).json()
        return answer

    async def post(self, who: Account, path: str, body: JSON, version: int | None = None) -> JSON:
        """The answer; empty where there is none (204)."""
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        response = await self._as(who, "POST", path, json=body, headers=headers)
        answer: JSON = response.json() if response.content else {}
        return answer

    async def upload(
        self, who: Account, path: str, name: str, content: bytes, kind: str, **fields: str
    ) -> JSON:
        files = {"file": (name, content, kind)}
        answer: JSON = (await self._as(who, "POST", path, files=files, data=fields)).json()
        return answer

    async def sign_in(self, who: Account) -> JSON:
        form = {"login": who.login, "password": self._password}
        response = await self._send("POST", "/session", json=form)
        self._cookies[who.login] = "; ".join(f"{k}={v}" for k, v in response.cookies.items())
        # One jar for everybody would make all of them the one who signed in last.
        self._http.cookies.clear()
        answer: JSON = response.json()
        return answer

    async def clock(self, who: Account, fallback_speed: float) -> BusinessClock:
        session = await self.get(who, "/session")
        told = session.get("clock_speed")
        speed = fallback_speed if told is None else float(told)  # 0 is a speed: time stands still
        now = datetime.fromisoformat(session["now"])
        return BusinessClock(now, asyncio.get_running_loop().time(), speed)

    async def _as(self, who: Account, method: str, path: str, **more: Any) -> httpx.Response:
        if who.login not in self._cookies:
            await self.sign_in(who)
        try:
            return await self._signed(who, method, path, **more)
        except Refused as refused:
            if refused.status != httpx.codes.UNAUTHORIZED:
                raise
        # The session has ended, or the server has a new database.
        await self.sign_in(who)
        return await self._signed(who, method, path, **more)

    async def _signed(self, who: Account, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {**more.pop("headers", {}), "Cookie": self._cookies[who.login]}
        return await self._send(method, path, headers=headers, **more)

    async def _send(self, method: str, path: str, **more: Any) -> httpx.Response:
        loop = asyncio.get_running_loop()
        wait = self._next - loop.time()
        self._next = max(self._next, loop.time()) + self._gap
        if wait > 0:
            await asyncio.sleep(wait)
        self.requests += 1
        try:
            response = await self._http.request(method, API + path, **more)
        except httpx.HTTPError as error:
            raise Trouble(type(error).__name__) from error
        status = response.status_code
        if status == httpx.codes.TOO_MANY_REQUESTS or status >= 500:
            raise Trouble(str(status), _seconds(response.headers.get("Retry-After")))
        if status >= 400:
            raise Refused(status, _code(response))
        return response


def _plain(params: dict[str, object]) -> dict[str, Any]:
    return {k: v for k, v in params.items() if v is not None}


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isdecimal() else None


def _code(response: httpx.Response) -> str:
    try:
        return str(response.json().get("code", ""))
    except (ValueError, AttributeError):
        return ""
