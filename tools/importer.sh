#!/usr/bin/env bash
# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Usage: tools/importer.sh, with the environment `lint` first on PATH
# Has the importer of Ansible Galaxy take the artifact; fails where it refuses or warns.
set -euo pipefail
cd "$(dirname "$0")/.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
artifact=$(python tools/build_collection.py "$scratch")
# It leaves a file where it stands.
cd "$scratch"
python -m galaxy_importer.main "$artifact" 2>&1 | tee log
if grep --quiet '^\(WARNING\|ERROR\)' log; then
    exit 1
fi
