// Copyright (c) 2026, unblock.updates contributors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Reads from this host what the Ansible collection unblock.updates judges it by: registry values, versions of files, lines of logs.
// Changes nothing but temporary files of its own. Run it as an administrator, in a command prompt:
//
//     cscript //nologo unblock-probe.js > host.txt
//
// and give host.txt to whoever wrote this file by unblock.updates.export_probe.

// A double click starts wscript, which would show the answer in one message box after another.
if (/\\wscript\.exe$/i.test(WScript.FullName)) {
  WScript.Echo("Run this in a command prompt, as an administrator:\r\n\r\ncscript //nologo " + WScript.ScriptName + " > host.txt");
  WScript.Quit(1);
}
