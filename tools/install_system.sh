#!/bin/sh
# Install Debian packages that tests need: tools/install_system.sh PACKAGE...
#
# Does nothing, and at once, when all are there. Only root can install; anyone else is told how.
set -eu

missing=
for package in "$@"; do
    status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

fail() {
    echo "$1 needs:$missing. On Debian or Ubuntu: sudo apt-get install$missing" >&2
    exit 1
}

command -v apt-get >/dev/null || fail "This system has no apt-get, and the tests"
[ "$(id -u)" = 0 ] || fail "The test suite"
echo "Installing$missing"
export DEBIAN_FRONTEND=noninteractive
# The lists are brought up to date first: an image's own are often empty or old.
# shellcheck disable=SC2086 # one word per package
{ apt-get -qq update && apt-get -qq install --yes --no-install-recommends $missing; } \
    >/dev/null || fail "Installing failed; the test suite"
