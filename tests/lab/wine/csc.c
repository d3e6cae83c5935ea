/* Copyright (c) 2026, unblock.updates contributors
 * GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * csc: the C# compiler of the .NET Framework 2.0, in the lab mono's.
 *
 *   csc [/nologo] [/target:exe] [/out:FILE] [/r:FILE[,FILE]...]... SOURCE...
 *
 * It takes C# 2.0 and the references that csc 2.0 has by itself, nothing newer. mono's class library knows more than
 * that of the Framework 2.0, so a member that came later is not found out here. Other switches are refused.
 */
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>
#include <windows.h>

#define COMPILER L"/usr/lib/mono/4.5/mcs.exe"

enum { MAX_ARGUMENTS = 256, LENGTH = 2048 };

static wchar_t *arguments[MAX_ARGUMENTS] = {
    L"-langversion:ISO-2", L"-noconfig", L"-r:System.dll", L"-r:System.Xml.dll", L"-r:System.Configuration.dll"};
static int count = 5;

static wchar_t *(*unix_path)(const wchar_t *);
static DWORD (*run_under_mono)(const wchar_t *, int, wchar_t **);

/* A relative name stays one, so that it stands in messages as it was given. */
static void translate(wchar_t *to, const wchar_t *path)
{
    if (*path == '\\' || wcschr(path, ':')) {
        wcscpy(to, unix_path(path));
    } else {
        wcscpy(to, path);
        for (; *to; to++)
            if (*to == '\\')
                *to = '/';
    }
}

static void add(const wchar_t *option, const wchar_t *path)
{
    wchar_t *argument = calloc(LENGTH + 32, sizeof *argument);
    wcscpy(argument, option);
    translate(argument + wcslen(argument), path);
    arguments[count++] = argument;
}

static const wchar_t *after(const wchar_t *argument, const wchar_t *option)
{
    size_t length = wcslen(option);
    return _wcsnicmp(argument + 1, option, length) ? NULL : argument + 1 + length;
}

static int read_switch(wchar_t *argument)
{
    const wchar_t *value;
    if (!_wcsicmp(argument + 1, L"nologo") || !_wcsicmp(argument + 1, L"target:exe") || !_wcsicmp(argument + 1, L"t:exe"))
        return 1;
    if ((value = after(argument, L"out:"))) {
        add(L"-out:", value);
    } else if ((value = after(argument, L"r:")) || (value = after(argument, L"reference:"))) {
        for (wchar_t *file = wcstok((wchar_t *)value, L",;"); file; file = wcstok(NULL, L",;"))
            add(L"-r:", file);
    } else {
        printf("error CS2007: Unrecognized option: '%ls'\n", argument);
        return 0;
    }
    return 1;
}

int wmain(int argc, wchar_t **argv)
{
    int sources = 0;
    HMODULE runtime = LoadLibraryW(L"mscoree.dll");
    unix_path = (void *)GetProcAddress(runtime, "UnixPath");
    run_under_mono = (void *)GetProcAddress(runtime, "RunUnderMono");
    for (int i = 1; i < argc && count < MAX_ARGUMENTS; i++) {
        if (argv[i][0] != '/' && argv[i][0] != '-') {
            add(L"", argv[i]);
            sources++;
        } else if (!read_switch(argv[i])) {
            return 1;
        }
    }
    if (!sources) {
        puts("fatal error CS2008: No inputs specified");
        return 1;
    }
    return (int)run_under_mono(COMPILER, count, arguments);
}
