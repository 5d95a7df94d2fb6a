#!/usr/bin/env bash
# A Python environment with the wheel in build/dist and what its tests need, and nothing else; made anew when the wheel or
# dependencies.txt has changed.
# Usage: tools/fresh_venv.sh FOLDER
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
folder=${1:?usage: tools/fresh_venv.sh FOLDER}
wheel=$(ls -t "$root"/build/dist/coreshed-*.whl | head -1)
state=$(cat "$wheel" "$root/dependencies.txt" "$0" | sha256sum)
[ "$(cat "$folder/state" 2> /dev/null)" = "$state" ] && exit

# What the wheel asks for comes as it would for a user; the rest at the versions that dependencies.txt says.
wanted=$(awk '$1 == "test" && $2 == "pip" && $3 ~ /^(pytest|pytest-xdist|hypothesis|polars|duckdb|mypy|sybil)$/ { print $3 "==" $4 }' "$root/dependencies.txt")
rm -rf "$folder"
"$root/.venv/bin/python" -m venv "$folder"
# shellcheck disable=SC2086
"$folder/bin/python" -m pip install -q --disable-pip-version-check --only-binary :all: "$wheel" $wanted
echo "$state" > "$folder/state"
