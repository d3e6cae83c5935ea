#!/usr/bin/env bash
# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Usage: tools/lock.sh NAME PYTHON_VERSION
# Resolves requirements/NAME.in anew with that Python and writes every version, exactly, to requirements/NAME.txt.
set -euo pipefail
cd "$(dirname "$0")/.."

name=$1
python=$(tools/find_python.sh "$2") || {
    echo "$name: locking needs Python $2" >&2
    exit 1
}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$python" -m venv "$scratch"
"$scratch/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --requirement "requirements/$name.in"
{
    sed -n '1,3p' "requirements/$name.in"
    echo
    echo "# Made by \`make lock\` from $name.in with Python $2."
    "$scratch/bin/python" -m pip freeze --disable-pip-version-check
} >"$scratch/lock"
cp "$scratch/lock" "requirements/$name.txt"
echo "requirements/$name.txt: $(grep -c == "requirements/$name.txt") packages"
