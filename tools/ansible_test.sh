#!/usr/bin/env bash
# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Usage: tools/ansible_test.sh CORE COMMAND [option or file of that command]...
# Runs ansible-test COMMAND (sanity, units) of build/venv/core-CORE, without containers, on a copy of what git knows or would add:
# ansible-test wants to stand in .../ansible_collections/NAMESPACE/NAME and must not see build/.
set -euo pipefail
cd "$(dirname "$0")/.."

core=$1
command=$2
shift 2
venv=$PWD/build/venv/core-$core
tree=$PWD/build/ansible-test/$core/$command/ansible_collections/unblock/updates

# A home of its own: ansible-test keeps its caches there. pip's settings are the user's.
user_home=$HOME
export HOME=$PWD/build/ansible-test/$core/home
mkdir -p "$HOME/.config"
ln -sfn "${XDG_CONFIG_HOME:-$user_home/.config}/pip" "$HOME/.config/pip"
"$venv/bin/python" tools/seed_ansible_test.py

rm -rf "$tree"
mkdir -p "$tree"
git ls-files -z --cached --others --exclude-standard |
    while IFS= read -r -d '' file; do [[ ! -e $file ]] || printf '%s\0' "$file"; done |
    tar --create --null --files-from=- | tar --extract --directory "$tree"
# Else ansible-test finds the repository around build/, which ignores every file here.
git init --quiet "$tree"

# From the lint environment comes shellcheck, which the machine need not have.
export PATH=$venv/bin:$PWD/build/venv/lint/bin:$PATH
cd "$tree"
python=$("$venv/bin/python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
exec ansible-test "$command" --color no --python "$python" "$@"
