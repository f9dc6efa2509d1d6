"""Office files that are the same whenever they are written: no time of writing in them."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime

#: The earliest that a ZIP archive can say.
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_WRITTEN = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</dcterms:)")


def steady(content: bytes, at: datetime) -> bytes:
    """The same archive with ``at`` (UTC) as the time that it was written."""
    told = at.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as read,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as write,
    ):
        for name in read.namelist():
            part = read.read(name)
            if name == "docProps/core.xml":
                part = _WRITTEN.sub(rb"\g<1>" + told + rb"\g<2>", part)
            info = zipfile.ZipInfo(name, _LONG_AGO)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            write.writestr(info, part)
    return out.getvalue()
