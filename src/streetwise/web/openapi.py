"""The API's description without a database."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from streetwise.kernel.crypto import KEY_BYTES, Keys
from streetwise.kernel.database import Database
from streetwise.kernel.files import FileStore
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.settings import Settings
from streetwise.web.app import create_app


def openapi_json() -> str:
    """OpenAPI 3.1 as JSON text, the same for the same code."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder))
        keys = Keys(bytes(KEY_BYTES))
        # Engines connect at first use: nothing is opened here.
        database = Database("postgresql+psycopg://nobody@127.0.0.1:1/none")
        runtime = Runtime(settings, database, keys, FileStore(settings.files_path, keys))
        app = create_app(runtime, with_worker=False)
        return json.dumps(app.openapi(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
