#!/bin/sh
# Make or mend the virtual environment: tools/make_env.sh PYTHON FOLDER
#
# What is installed is what requirements-dev.lock names, hash by hash, and this project from its
# own source. Package indexes, proxies and certificates are the machine's own settings.
set -eu
python=$1
venv=$2
lock=requirements-dev.lock

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

enough='import sys; sys.exit(sys.version_info < (3, 11))'
another="Python 3.11 or newer is needed; name one so: make env PYTHON=/path/to/python3"
command -v "$python" >/dev/null || fail "There is no $python. $another"
"$python" -c "$enough" || fail "$("$python" --version) is too old. $another"

# An environment whose Python has gone or is too old is made anew.
if [ -e "$venv" ] && ! "$venv/bin/python" -c "import pip; $enough" 2>/dev/null; then
    rm -rf "$venv"
fi

if [ ! -e "$venv" ]; then
    echo "Making $venv with $("$python" --version)"
    if ! "$python" -m venv "$venv" >/dev/null 2>&1; then
        # Debian's Python makes no pip into an environment without the package python3-venv; a pip
        # beside it can.
        rm -rf "$venv"
        "$python" -m venv --without-pip "$venv" >/dev/null 2>&1 &&
            "$python" -m pip --python "$venv/bin/python" install --quiet pip 2>/dev/null || {
            rm -rf "$venv"
            fail "$python cannot make a virtual environment: its venv or pip part is missing." \
                "Install it (on Debian and Ubuntu: apt-get install python3-venv) and try again."
        }
    fi
fi

# uv's own lines of the lock, so that the installer is held to its hashes too.
pip="$venv/bin/python -m pip --disable-pip-version-check install --quiet"
wanted=$(sed -n 's/^uv==\([^ ]*\).*/uv \1/p' "$lock")
if ! "$venv/bin/uv" --version 2>/dev/null | grep -qF "$wanted"; then
    echo "Installing $wanted"
    sed -n '/^uv==/,/^ *#/p' "$lock" >"$venv/uv.lock"
    $pip --require-hashes --requirement "$venv/uv.lock"
fi

echo "Installing what $lock names"
VIRTUAL_ENV=$(cd "$venv" && pwd)
export VIRTUAL_ENV
if ! "$venv/bin/uv" pip install --quiet --require-hashes --requirement "$lock"; then
    # pip knows the index, proxy and certificates of pip's own settings; uv does not.
    echo "uv could not; trying pip, which is slower"
    $pip --require-hashes --requirement "$lock"
fi
# Nothing is fetched for this: the build backend stands in the lock.
"$venv/bin/uv" pip install --quiet --no-deps --no-build-isolation --editable .
