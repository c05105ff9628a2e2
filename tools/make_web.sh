#!/bin/sh
# Build the browser client into web/dist: tools/make_web.sh [check]
#
# With `check` it is linted, its types are checked and its tests run as well. Node comes from PATH
# where it is new enough, else from the wheel that requirements-node.lock names.
set -eu
venv=$(cd .venv && pwd)
enough='const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)'
if ! node -e "$enough" 2>/dev/null; then
    PATH="$venv/bin:$PATH"
    node -e "$enough" 2>/dev/null || {
        echo "Installing Node, since there is none of version 20.19 or newer"
        "$venv/bin/uv" pip install --quiet --python "$venv/bin/python" --require-hashes \
            --requirement requirements-node.lock
    }
fi

cd web
if [ ! -e node_modules/.made ] || [ package-lock.json -nt node_modules/.made ]; then
    echo "Installing what web/package-lock.json names"
    npm ci --silent --no-audit --no-fund
    touch node_modules/.made
fi
if [ "${1:-}" = check ]; then
    npm run --silent lint
    npm run --silent types
    npm test --silent
fi
npm run --silent build >/dev/null
