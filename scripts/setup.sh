#!/bin/sh
# Make .venv and install a lock file into it: scripts/setup.sh run|dev
# Quick with uv, which comes from the same registry as everything else; plain pip if uv fails.
set -eu
cd "$(dirname "$0")/.."
kind=$1
lock=requirements/$kind.lock
stamp=.venv/.installed-$kind
uv_version=0.13.9

# What dev installs, run needs too.
[ -e .venv/.installed-dev ] && [ "$kind" = run ] && [ .venv/.installed-dev -nt requirements/dev.lock ] && exit 0
[ -e "$stamp" ] && [ "$stamp" -nt "$lock" ] && [ "$stamp" -nt pyproject.toml ] && exit 0

python=${PYTHON:-}
if [ -z "$python" ]; then
    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$candidate" >/dev/null 2>&1 &&
            "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            python=$candidate
            break
        fi
    done
fi
if [ -z "$python" ]; then
    echo "Streetwise needs Python 3.11 or newer; install it, or name it: make PYTHON=/path/to/python3" >&2
    exit 2
fi
if [ ! -x .venv/bin/python ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    echo "Making .venv with $("$python" --version) ..."
    if ! "$python" -m venv --clear .venv; then
        echo "This Python cannot make virtual environments. On Debian: apt-get install python3-venv" >&2
        exit 2
    fi
fi
echo "Installing Python packages ($lock) ..."
# uv does not read pip's configuration: hand over where pip would look.
pip_says() { .venv/bin/python -m pip config get "$1" 2>/dev/null || true; }
index=${UV_DEFAULT_INDEX:-$(pip_says global.index-url)}
[ -n "$index" ] && export UV_DEFAULT_INDEX="$index"
[ -n "${PIP_CERT:-}" ] && export SSL_CERT_FILE="${SSL_CERT_FILE:-$PIP_CERT}"
export UV_PYTHON_DOWNLOADS=never PIP_DISABLE_PIP_VERSION_CHECK=1
if .venv/bin/python -m pip install -q "uv==$uv_version" 2>/dev/null &&
    .venv/bin/uv pip install -q --compile-bytecode --python .venv/bin/python --require-hashes -r "$lock"; then
    :
else
    echo "uv did not manage; trying pip (slower) ..."
    .venv/bin/python -m pip install -q --require-hashes -r "$lock"
fi
# The project itself is put on the path by a .pth file: nothing is built, edits count at once.
site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
echo "$PWD/src" > "$site/streetwise-src.pth"
cat > .venv/bin/streetwise <<EOF
#!$PWD/.venv/bin/python
from streetwise.cli import main

main()
EOF
chmod +x .venv/bin/streetwise
# Some environments forbid Python to keep what it compiled; without it every start takes seconds.
.venv/bin/python -m compileall -q src
touch "$stamp"
