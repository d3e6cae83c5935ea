#!/usr/bin/env bash
# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Usage: tools/apt_install.sh PACKAGE...
# Installs Debian packages that are absent. Where only root or another system could, it names them and fails.
set -euo pipefail
cd "$(dirname "$0")/.."

# apt-get gives up, rather than wait, while another one reads the package lists.
mkdir -p build
exec 9>build/.apt.lock
flock 9

absent=()
for package in "$@"; do
    state=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
    [[ $state == installed ]] || absent+=("$package")
done
((${#absent[@]})) || exit 0

if ((EUID != 0)) || ! command -v apt-get >/dev/null; then
    echo "Packages are missing that only root can add: apt-get install --no-install-recommends ${absent[*]}" >&2
    exit 1
fi
echo "Installing Debian packages: ${absent[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get -o DPkg::Lock::Timeout=300 install -qq -y --no-install-recommends "${absent[@]}" >/dev/null
