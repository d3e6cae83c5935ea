#!/usr/bin/env bash
# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Usage: tools/lab_packages.sh
# Sees to the Debian packages behind the lab's Windows hosts. Without them it names them and fails: the demo then simulates
# its hosts, and the tests do not run.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/apt_install.sh wine wine64 gcc-mingw-w64-x86-64 mono-runtime mono-mcs wixl || {
    echo "The lab's Windows hosts cannot run under Wine without them." >&2
    exit 1
}
