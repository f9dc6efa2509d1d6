"""A process for the tests of the keeper: does what it is told.

``echo``: says it back. ``die``: puts a crumb and aborts. ``hang``: says nothing any more, and
holds on when the leash is cut.
"""

from __future__ import annotations

import os
import signal
import sys

from streetwise.discover.engine.leash import Gone, Leash
from streetwise.discover.engine.wire import Message


def main() -> None:
    leash = Leash(int(sys.argv[1]), int(sys.argv[2]))
    try:
        while True:
            for message in leash.messages(0.05):
                if message.kind == "die":
                    leash.crumb.put(message.fields["crumb"])
                    os.abort()
                elif message.kind == "hang":
                    signal.pause()
                else:
                    leash.tell(Message("echo", message.fields, message.body))
    except Gone:
        return


if __name__ == "__main__":
    main()
