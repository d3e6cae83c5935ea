#!/bin/sh
# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Usage: mono.sh HOST EXIT_CODE_FILE ALIVE_FILE PROGRAM [ARGUMENT]...
# Runs a .NET program by AssemblyHost.exe (HOST), and moves its exit code into place when mono has ended. If mono was
# killed there is none: then it is that of TerminateProcess(-1), by which .NET kills processes.
host=$1 code=$2
shift 2
# On its own standard error the shell would tell that mono was killed.
exec 3>&2 2>/dev/null
(exec /usr/bin/mono "$host" "$code.new" "$@" 2>&3 3>&-)
[ -e "$code.new" ] || echo 4294967295 >"$code.new"
mv "$code.new" "$code"
