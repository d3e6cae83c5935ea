#!/usr/bin/env bash
# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Usage: tools/demo.sh CORE...
# Starts a fleet of the lab's Windows hosts, judges it by the playbook, shows the report, stops the fleet.
# Runs on the first of the ansible-cores whose environment is there.
set -euo pipefail
cd "$(dirname "$0")/.."

fleet=tests/lab/fleets/954960.yml
state=build/demo/lab
report=build/demo/report

venv=
for core in "$@"; do
    if [[ -x build/venv/core-$core/bin/python ]]; then
        venv=$PWD/build/venv/core-$core
        break
    fi
done
if [[ -z $venv ]]; then
    echo "The demo needs Python 3.10 to 3.13 with its venv module." >&2
    exit 1
fi
export PATH=$venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1

echo "== Starting the Windows hosts of $fleet"
trap 'python -m tests.lab down --state "$state"' EXIT
python -m tests.lab up --fleet "$fleet" --state "$state"

echo "== ansible-playbook playbooks/compliance.yml"
rm -rf "$report"
# The fleet has a host that is switched off, so that the report shows one.
ansible-playbook --inventory "$state/inventory.yml" playbooks/compliance.yml \
    --extra-vars "unblock_report_dir=$PWD/$report" --extra-vars '{"unblock_allow_unreachable": true}'

echo "== The report"
ls -1 "$report"/report.*
echo "Open $PWD/$report/report.html in a browser."
