// Copyright (c) 2026, unblock.updates contributors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// The image of a 32-bit stand-in package (tests/lab/packages.py). It is never run itself: the lab's mscoree.dll sees the
// mark at its end and runs setup.exe.
internal static class Package
{
    private static int Main()
    {
        return -1;
    }
}
