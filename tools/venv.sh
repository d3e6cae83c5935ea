#!/usr/bin/env bash
# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Usage: tools/venv.sh NAME PYTHON_VERSION...
# Makes build/venv/NAME from requirements/NAME.txt with the first of the Python versions that the machine has.
# A stamp of interpreter and requirements makes the next call quick. Without an interpreter there is no
# environment and no error: tools/step.py counts what needed it as skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

name=$1
shift
requirements=requirements/$name.txt
venv=build/venv/$name
mkdir -p build/venv

# Two makes at a time must not fill one environment.
exec 9>"build/venv/.$name.lock"
flock 9

if ! python=$(tools/find_python.sh "$@"); then
    echo "$name: no Python ${*/%/,} on PATH, in ~/.pyenv/versions or in /opt: what needs it is skipped" >&2
    rm -rf "$venv"
    exit 0
fi

stamp=$({ "$python" -VV && cat "$requirements"; } | sha256sum)
if [[ -f $venv/stamp && "$(<"$venv/stamp")" == "$stamp" ]]; then
    exit 0
fi

# Debian ships venv without the ensurepip that it needs.
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    echo "$name: $python has no venv module"
    tools/apt_install.sh "$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
fi

echo "$name: installing $requirements for $("$python" -V)"
rm -rf "$venv"
"$python" -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --requirement "$requirements"
"$venv/bin/python" -m pip check --disable-pip-version-check
echo "$stamp" >"$venv/stamp"
