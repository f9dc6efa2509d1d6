"""Every time, retry and limit of the streams: one frozen value, each field with its unit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """How streams are held. The defaults are right for a street on one machine.

    Connecting: ``connect_s`` (a socket, and again TLS on it), ``authorities`` (a PEM file of those
    who vouch for certificates; empty: the system's), ``answer_s`` (each request),
    ``redirects_most``, ``connecting_most`` (hand-shakes at once), ``stagger_s`` (over which the
    first connections are spread), ``other_hosts`` (follow a redirect to another host).
    Coming back: ``backoff_first_s``, ``backoff_factor``, ``backoff_most_s``, ``backoff_jitter``
    (share of a wait that is left to chance).
    Reading: ``pump_ms`` (how often the sockets are emptied), ``receive_bytes`` (at once),
    ``message_bytes`` (headers), ``body_bytes``, ``picture_bytes``.
    Alive: ``stall_s`` (no video), ``alive_most_s`` (between two keep-alives), ``tick_s`` (how
    often deadlines are looked at).
    Smart codec: ``no_key_s`` (without a key frame: decode in full), ``keys_back`` (key frames at
    less than that, in a row, to go back), ``heal_s`` (after which a stream without key frames
    has refreshed its whole picture), ``run_pictures`` and ``run_bytes`` (kept for a decoder).
    Health: ``down_after_s`` (shorter gaps are no outage), ``up_pictures`` (to be up again).
    Gateways: ``gateway_most`` (connections at once; 0: as many as there are cameras),
    ``dwell_s`` (how long one turn of the rotation lasts).
    Snapshots and pushed pictures: ``snapshot_s``, ``jpeg_bytes``, ``jpeg_pixels``.
    """

    connect_s: float = 5.0
    authorities: str = ""
    answer_s: float = 8.0
    redirects_most: int = 3
    connecting_most: int = 32
    stagger_s: float = 20.0
    other_hosts: bool = False
    backoff_first_s: float = 2.0
    backoff_factor: float = 2.0
    backoff_most_s: float = 120.0
    backoff_jitter: float = 0.5
    pump_ms: int = 100
    receive_bytes: int = 262_144
    message_bytes: int = 32_768
    body_bytes: int = 262_144
    picture_bytes: int = 4_194_304
    stall_s: float = 12.0
    alive_most_s: float = 30.0
    tick_s: float = 1.0
    no_key_s: float = 15.0
    keys_back: int = 3
    heal_s: float = 30.0
    run_pictures: int = 250
    run_bytes: int = 8_388_608
    down_after_s: float = 20.0
    up_pictures: int = 2
    gateway_most: int = 0
    dwell_s: float = 30.0
    snapshot_s: float = 10.0
    jpeg_bytes: int = 8_388_608
    jpeg_pixels: int = 33_554_432
