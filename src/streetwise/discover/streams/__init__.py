"""Streams: what cameras and their gateways send, down to coded pictures; nothing is decoded here.

The parsers and the session are sans-IO: bytes in, bytes and events out, no socket and no clock.
``loop.py`` owns the sockets of one process. The way of the bytes: socket → ``session`` (RTSP
messages) → ``sieve`` (interleaved frames; drops what nobody needs, uncopied) → ``depacketise``
(with ``h264`` or ``h265``) → :class:`~streetwise.discover.values.CodedPicture` → ``slots``.

Credentials live in memory only: no repr, log line or error of this package shows them.
"""
