"""What a sign-in is remembered by: a coarse device name and a coarse network. Pure.

Enough for its owner to say "that was me", too little to follow anybody: no versions, no models,
no full address.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network

#: In this order: Edge says Chrome too, Chrome says Safari too.
_BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("DingTalk", "DingTalk"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("QQBrowser", "QQ Browser"),
    ("HuaweiBrowser", "Huawei Browser"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Chromium/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
#: What is kept of an address: the network of a building, not a host.
_KEPT_BITS = {4: 24, 6: 48}
#: What is counted together at sign-in: one host, or one IPv6 customer.
_COUNTED_BITS = {4: 32, 6: 64}


def device_name(user_agent: str) -> str:
    """``Chrome · Windows``; empty when nothing is known."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return " · ".join(part for part in (browser, system) if part)


def shown_network(address: str) -> str:
    """The network of an address as its owner sees it: ``192.0.2.0/24``; empty when unknown."""
    return _network(address, _KEPT_BITS)


def counted_network(address: str) -> str:
    """What wrong sign-ins from an address are counted under."""
    return _network(address, _COUNTED_BITS)


def _network(address: str, bits: dict[int, int]) -> str:
    try:
        ip = ip_address(address)
    except ValueError:
        return ""
    return str(ip_network(f"{ip}/{bits[ip.version]}", strict=False))


def networks(text: str) -> tuple[Network, ...]:
    """The setting ``trusted_proxies``. Raises ValueError for what is none."""
    return tuple(ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())


def client_address(peer: str, forwarded: str, trusted: Sequence[Network]) -> str:
    """Who speaks: the peer, or behind proxies that are trusted the last address that is not one.

    X-Forwarded-For grows from left to right; whatever stands left of an untrusted one may be
    invented.
    """
    address = peer
    for part in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
        if not _among(address, trusted):
            break
        address = part
    return address


def _among(address: str, trusted: Sequence[Network]) -> bool:
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    return any(ip in network for network in trusted if network.version == ip.version)
