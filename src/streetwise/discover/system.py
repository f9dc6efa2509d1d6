"""As whom the programs of discover read and write."""

from __future__ import annotations

from streetwise.kernel.viewer import Viewer

SYSTEM = Viewer.system("discover")
