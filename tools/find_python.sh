#!/usr/bin/env bash
# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Usage: tools/find_python.sh VERSION...
# Prints the path of the first interpreter, in the order of the versions ("3.11"), that really runs.
# A name on PATH is no proof: pyenv leaves shims for versions that are not switched on, and they only fail.
set -euo pipefail
shopt -s nullglob

for version in "$@"; do
    mapfile -t on_path < <(type -ap "python$version" || true)
    for candidate in "${on_path[@]}" \
        "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version".*/bin/"python$version" \
        /opt/*/bin/"python$version"; do
        if [[ "$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)" == "$version" ]]; then
            echo "$candidate"
            exit 0
        fi
    done
done
exit 1
