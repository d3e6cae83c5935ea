#!/usr/bin/env bash
# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Usage: tools/demo.sh CORE
# Starts a fleet of the lab's Windows hosts, judges it by the playbook from build/venv/core-CORE, shows the report,
# stops the fleet.
set -euo pipefail
cd "$(dirname "$0")/.."

fleet=tests/lab/fleets/demo.yml
by_hand=sbs2003-no-winrm
state=build/demo/lab
report=build/demo/report
venv=$PWD/build/venv/core-$1
export PATH=$venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1

executor=wine
tools/lab_packages.sh || {
    executor=simulated
    echo "Wine is not to be had here: the hosts of this demo are simulated, the same script judges them."
}
echo "== Starting the Windows hosts of $fleet"
trap 'python -m tests.lab down --state "$state"' EXIT
# Trapped, so that bash waits for the command that is running before it takes the hosts away.
trap 'exit 130' INT
trap 'exit 143' TERM
# A port of its own: a lab that a developer runs has the usual one.
python -m tests.lab up --fleet "$fleet" --executor "$executor" --state "$state" --port 25985

echo "== Collecting by hand on $by_hand, which has no WinRM"
ansible localhost -m unblock.updates.export_probe -a "dest=$PWD/build/demo/unblock-probe.js" >/dev/null
mkdir -p "$state/collected"
python -m tests.lab run --state "$state" "$by_hand" \
    'findstr "^" > C:\unblock-probe.js & cscript //nologo C:\unblock-probe.js' \
    <build/demo/unblock-probe.js >"$state/collected/$by_hand.txt"

echo "== ansible-playbook playbooks/compliance.yml"
rm -rf "$report"
# Some hosts of the fleet do not answer, or let nobody in: on purpose.
ansible-playbook --inventory "$state/inventory.yml" playbooks/compliance.yml \
    --extra-vars "unblock_report_dir=$PWD/$report" --extra-vars '{"unblock_allow_unreachable": true}'

echo "== The report"
ls -1 "$report"/report.*
echo "Open $PWD/$report/report.html in a browser."
