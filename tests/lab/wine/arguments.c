/* Copyright (c) 2026, unblock.updates contributors
 * GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * arguments: prints each of its arguments as a line of hexadecimal UTF-16 units, then a line with the working directory.
 */
#include <stdio.h>
#include <wchar.h>
#include <windows.h>

static void print(const wchar_t *text)
{
    for (; *text; text++)
        printf("%04x", *text);
    printf("\n");
}

int wmain(int argc, wchar_t **argv)
{
    wchar_t directory[MAX_PATH];
    int index;

    for (index = 1; index < argc; index++)
        print(argv[index]);
    GetCurrentDirectoryW(MAX_PATH, directory);
    print(directory);
    return 0;
}
