#!/bin/sh
# Make sure there is a Chromium and a font with Chinese for the browser tests. Without a window of
# its own (chromium-headless-shell) it costs less; where there is another one, that is taken.
set -eu
have_font() { fc-list :lang=zh 2>/dev/null | grep -q .; }
have_browser() {
    for name in chromium-headless-shell chromium chromium-browser google-chrome; do
        command -v "$name" >/dev/null 2>&1 && return 0
    done
    return 1
}
have_browser && have_font && exit 0
line="apt-get update && apt-get install -y chromium fonts-noto-cjk"
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium and a Chinese font ..."
    export DEBIAN_FRONTEND=noninteractive
    log=$(mktemp)
    # Not every system has the shell as a package.
    if ! {
        apt-get update -q &&
            { have_browser || apt-get install -y -q chromium-headless-shell || apt-get install -y -q chromium; } &&
            apt-get install -y -q fonts-noto-cjk fontconfig
    } >"$log" 2>&1; then
        cat "$log" >&2
        exit 2
    fi
    rm -f "$log"
else
    echo "The browser tests need Chromium and a Chinese font. Run this once, then again make test:" >&2
    echo "    sudo sh -c '$line'" >&2
    exit 2
fi
