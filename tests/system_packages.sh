#!/bin/sh
# Installs Debian packages whose program is missing: tests/system_packages.sh redis-server=redis-server postgres=postgresql
# Says what it does. Where it may not install, it says what to install and fails.
set -eu
PATH="$PATH:$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1)"
missing=""
for pair in "$@"; do
    command -v "${pair%%=*}" >/dev/null 2>&1 || [ -x "${pair%%=*}" ] || missing="$missing ${pair#*=}"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ]; then as_root=""; elif sudo -n true 2>/dev/null; then as_root="sudo"; else as_root="no"; fi
if [ "$as_root" = no ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "The tests need$missing. Install these packages and start again." >&2
    exit 1
fi
echo "The tests need packages that are not here: apt-get install$missing"
$as_root apt-get -qq update
# No service of a package is to start: the tests start their own, on free ports.
$as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -qq install -y --no-install-recommends $missing >/dev/null
