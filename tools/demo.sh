#!/usr/bin/env bash
# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Usage: tools/demo.sh CORE
# Starts a fleet of the lab's Windows hosts and runs the playbooks against it from build/venv/core-CORE: judges it, asks check
# mode what a remedy would do, remedies it, judges it again; shows the reports side by side, stops the fleet.
set -euo pipefail
cd "$(dirname "$0")/.."

fleet=tests/lab/fleets/demo.yml
by_hand=sbs2003-no-winrm
state=build/demo/lab
venv=$PWD/build/venv/core-$1
export PATH=$venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1
export ANSIBLE_NOCOLOR=1 ANSIBLE_CONFIG=$PWD/ansible.cfg

# play NAME PLAYBOOK [ARGUMENT...]: run a playbook; its report goes to build/demo/NAME, what it prints to build/demo/NAME.log.
play() {
    local name=$1 playbook=$2 status=0
    shift 2
    echo "== $name: ansible-playbook $playbook $*"
    # Some hosts of the fleet do not answer, or let nobody in: on purpose.
    ansible-playbook --inventory "$state/inventory.yml" "$playbook" "$@" \
        --extra-vars "unblock_report_dir=$PWD/build/demo/$name" --extra-vars '{"unblock_allow_unreachable": true}' \
        >"build/demo/$name.log" 2>&1 || status=$?
    # 2: hosts failed, as those must whose fix is contradicted.
    if ((status != 0 && status != 2)) || [ ! -e "build/demo/$name/report.json" ]; then
        tail -n 40 "build/demo/$name.log"
        exit 1
    fi
    sed -n '/^TASK \[.*Write the fleet report\]/,/^HOST /{/^TASK/d;/^HOST /d;p}' "build/demo/$name.log"
}

rm -rf build/demo/{before,check,remedy,after}
mkdir -p build/demo
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
python -m tests.lab up --fleet "$fleet" --executor "$executor" --state "$state" --port 25985 --update-sites

echo "== Collecting by hand on $by_hand, which has no WinRM"
ansible localhost -m unblock.updates.export_probe -a "dest=$PWD/build/demo/unblock-probe.js" >/dev/null
mkdir -p "$state/collected"
python -m tests.lab run --state "$state" "$by_hand" \
    'findstr "^" > C:\unblock-probe.js & cscript //nologo C:\unblock-probe.js' \
    <build/demo/unblock-probe.js >"$state/collected/$by_hand.txt"

play before playbooks/compliance.yml
# What stands for Microsoft's packages, and for .NET on the hosts, has to be built.
if type -P x86_64-w64-mingw32-gcc mcs mono >/dev/null; then
    python -m tests.lab packages >build/demo/packages.json
    remedy=(--extra-vars @build/demo/packages.json --extra-vars remediate_accept_irreversible=true)
    play check playbooks/remediate.yml --check "${remedy[@]}"
    # With the servers asked, before and after, as a client with Office 2003 would ask them.
    play remedy playbooks/remediate.yml "${remedy[@]}" --extra-vars unblock_active_probe=true
    play after playbooks/compliance.yml
else
    echo "Without mingw and mono there is nothing to remedy with: the demo ends with the verdicts."
fi

echo "== Every host, report by report"
reports=()
for name in before check remedy after; do
    [ ! -e "build/demo/$name/report.json" ] || reports+=("$name")
done
python tools/demo_story.py build/demo "${reports[@]}"
echo "== The reports, for a browser"
printf "$PWD/build/demo/%s/report.html\n" "${reports[@]}"
