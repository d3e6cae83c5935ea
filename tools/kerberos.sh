#!/usr/bin/env bash
# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Usage: tools/kerberos.sh CORE
# Sees to what the tests with Kerberos need: the Debian packages of MIT's domain controller and client, and
# requirements/kerberos.txt in build/venv/core-CORE, which is compiled. The next call finds it there.
set -euo pipefail
cd "$(dirname "$0")/.."

venv=build/venv/core-$1
requirements=requirements/kerberos.txt
[[ -x $venv/bin/python ]] || exit 0

packages=(krb5-kdc krb5-admin-server krb5-user libkrb5-dev gcc libc6-dev)
headers=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("include"))')
[[ -f $headers/Python.h ]] || packages+=("$("$venv/bin/python" -c 'import sys; print("python%d.%d-dev" % sys.version_info[:2])')")
tools/apt_install.sh "${packages[@]}"

if [[ -f $venv/kerberos ]] && cmp -s "$requirements" "$venv/kerberos"; then
    exit 0
fi
echo "core-$1: compiling $requirements"
# What runs for seconds need not be compiled for minutes.
CFLAGS=-O0 "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --requirement "$requirements"
"$venv/bin/python" -m pip check --disable-pip-version-check
cp "$requirements" "$venv/kerberos"
