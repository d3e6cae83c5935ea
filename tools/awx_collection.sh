#!/usr/bin/env bash
# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Usage: tools/awx_collection.sh CORE
# Unpacks the collection awx.awx, and nothing else, from the community package that requirements/awx.txt names to
# build/awx, with the Python of build/venv/core-CORE. The next call finds it there.
set -euo pipefail
cd "$(dirname "$0")/.."

python=build/venv/core-$1/bin/python
requirements=requirements/awx.txt
target=build/awx
[[ -x $python ]] || exit 0
if [[ -f $target/stamp ]] && cmp -s "$requirements" "$target/stamp"; then
    exit 0
fi

echo "awx.awx: taking it from $(grep -o '^ansible==[^ ]*' "$requirements")"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$python" -m pip download --quiet --disable-pip-version-check --no-input --no-deps --only-binary :all: \
    --require-hashes --requirement "$requirements" --dest "$scratch"
rm -rf "$target"
mkdir -p "$target"
"$python" - "$scratch"/ansible-*.whl "$target" <<'PYTHON'
import sys
import zipfile

with zipfile.ZipFile(sys.argv[1]) as wheel:
    wheel.extractall(sys.argv[2], [name for name in wheel.namelist() if name.startswith("ansible_collections/awx/awx/")])
PYTHON
cp "$requirements" "$target/stamp"
