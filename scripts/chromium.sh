#!/bin/sh
# Make sure there is a Chromium and a font with Chinese for the browser tests.
set -eu
have_font() { fc-list :lang=zh 2>/dev/null | grep -q .; }
have_browser() { command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1; }
have_browser && have_font && exit 0
line="apt-get update && apt-get install -y chromium fonts-noto-cjk"
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium and a Chinese font ..."
    log=$(mktemp)
    if ! (apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q chromium fonts-noto-cjk fontconfig) >"$log" 2>&1; then
        cat "$log" >&2
        exit 2
    fi
    rm -f "$log"
else
    echo "The browser tests need Chromium and a Chinese font. Run this once, then again make test:" >&2
    echo "    sudo sh -c '$line'" >&2
    exit 2
fi
