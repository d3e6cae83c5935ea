#!/usr/bin/env bash
# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Makes HTML of docs/ and of the collection's own documentation in build/docs/html. A warning is an error.
# What is generated from the code is checked first: `python -m tools.docs` writes it.
set -euo pipefail
cd "$(dirname "$0")/../.."

rst=build/docs/rst
rm -rf build/docs
mkdir -p "$rst"
chmod og-w "$rst" # antsibull-docs insists
export ANSIBLE_COLLECTIONS_PATH=build/collections
antsibull-docs collection --use-current --squash-hierarchy --fail-on-error --cleanup everything \
    --no-add-antsibull-docs-version --dest-dir "$rst" unblock.updates
cp docs/*.md docs/*.svg "$rst"
mv "$rst/index.rst" "$rst/reference.rst"
cp tools/docs/index.rst "$rst/index.rst"
sphinx-build -q -W --keep-going --jobs auto -b html -c tools/docs -d build/docs/doctrees "$rst" build/docs/html
