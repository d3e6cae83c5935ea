/* Copyright (c) 2026, unblock.updates contributors
 * GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * setup: the stand-in for KB954960, KB954474 and the setup of WSUS 3.0 SP1; which of them, says the mark at the end of the
 * package (tests/lab/packages.py), which is this file or, for a 32-bit package, the first argument.
 *
 *   kb954960 /q [LOG]     kb954474 /quiet [/norestart] [/log:LOG]     wsus_setup /q [NAME=VALUE]...
 *
 * Exit codes: 87 an argument is missing or unknown, 216 and 1633 made for another processor, 1642 the product is not there in the
 * right release. Values of HKLM\SOFTWARE\Lab\Installer make it behave otherwise:
 *   ExitCode   what it answers; but for 0, 1641 and 3010, nothing was changed
 *   Delay      seconds that it takes
 *   Crash      1: it ends with an access violation, having changed nothing
 *   Busy       so many runs answer 1618, that another installation is running
 *   AtRestart  1: the library is replaced when Windows starts next; it answers 3010
 *   Replace    0: it says success and changes nothing
 *   Log        text of the log; without it, the log says what was answered
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>

#define INSTALLER L"SOFTWARE\\Lab\\Installer"
#define WSUS L"SOFTWARE\\Microsoft\\Update Services\\Server\\Setup"
#define SITE L"SOFTWARE\\Wow6432Node\\Microsoft\\SMS\\Setup"
#define SITE_X86 L"SOFTWARE\\Microsoft\\SMS\\Setup"
#define HOTFIX L"Microsoft\\Updates\\Configuration Manager 2007\\SP2\\KB954474"
#define LIBRARY L"WebServices\\ClientWebService\\bin\\Microsoft.UpdateServices.WebServices.Client.Dll"

enum { MARK = 512, PATH = 1024 };
enum { SUCCESS = 0, BAD_ARGUMENT = 87, OTHER_MACHINE = 216, BUSY = 1618, OTHER_PLATFORM = 1633, RESTART_STARTED = 1641,
       OTHER_PRODUCT = 1642, RESTART_NEEDED = 3010 };

static struct { wchar_t path[PATH]; char mark[MARK + 1]; long end; long payload; } package;
static wchar_t log_path[PATH], target[PATH];

static int has(const char *field)
{
    return strstr(package.mark, field) != NULL;
}

static int read_package(const wchar_t *path)
{
    FILE *file = _wfopen(path, L"rb");
    if (!file)
        return 0;
    fseek(file, -MARK, SEEK_END);
    long start = ftell(file);
    char buffer[MARK + 1] = "";
    size_t size = fread(buffer, 1, MARK, file);
    fclose(file);
    for (size_t i = 0; i + 11 < size; i++)
        if (!memcmp(buffer + i, "LABPACKAGE{", 11)) {
            char *payload = strstr(strcpy(package.mark, buffer + i), "\"payload\": ");
            package.payload = payload ? atol(payload + 11) : 0;
            package.end = start + (long)i;
            wcscpy(package.path, path);
            return 1;
        }
    return 0;
}

static DWORD number(const wchar_t *name, DWORD otherwise)
{
    DWORD value, size = sizeof value;
    return RegGetValueW(HKEY_LOCAL_MACHINE, INSTALLER, name, RRF_RT_REG_DWORD, NULL, &value, &size) ? otherwise : value;
}

static const wchar_t *text(const wchar_t *key, const wchar_t *name)
{
    static wchar_t value[4096];
    DWORD size = sizeof value;
    return RegGetValueW(HKEY_LOCAL_MACHINE, key, name, RRF_RT_REG_SZ, NULL, value, &size) ? NULL : value;
}

static void set_text(const wchar_t *key, const wchar_t *name, const wchar_t *value)
{
    RegSetKeyValueW(HKEY_LOCAL_MACHINE, key, name, REG_SZ, value, (DWORD)((wcslen(value) + 1) * sizeof *value));
}

static int read_arguments(int argc, wchar_t **argv)
{
    int quiet = 0;
    for (int i = 0; i < argc; i++) {
        if (!_wcsicmp(argv[i], L"/q") || !_wcsicmp(argv[i], L"/quiet"))
            quiet = 1;
        else if (has("kb954474") && !_wcsnicmp(argv[i], L"/log:", 5))
            wcscpy(log_path, argv[i] + 5);
        else if (has("kb954474") && !_wcsicmp(argv[i], L"/norestart"))
            continue;
        else if (has("kb954960") && argv[i][0] != '/')
            wcscpy(log_path, argv[i]);
        else if (!has("wsus_setup") || !wcschr(argv[i], '='))
            return 0;
    }
    if (has("wsus_setup"))
        ExpandEnvironmentStringsW(L"%TEMP%\\WSUSSetup.log", log_path, PATH);
    return quiet;
}

/* Whether the product that the package is for is there; finds the library that it replaces. */
static int fits(void)
{
    const wchar_t *value;
    if (has("kb954474")) {
        if (!(value = text(SITE, L"Full Version")))
            value = text(SITE_X86, L"Full Version");
        return value && (!wcsncmp(value, L"4.00.5931.", 10) || !wcsncmp(value, L"4.00.6221.", 10));
    }
    if (!(value = text(WSUS, L"TargetDir")))
        return 0;
    swprintf(target, PATH, L"%ls" LIBRARY, value);
    value = text(WSUS, L"VersionString");
    return value && !wcsncmp(value, has("kb954960") ? L"3.1.6001." : L"3.0.6000.", 9);
}

/* Returns an error of Windows, 0 if there was none. */
static DWORD lay_down(const wchar_t *path)
{
    char *data = malloc((size_t)package.payload);
    DWORD written;
    FILE *from = _wfopen(package.path, L"rb");
    fseek(from, package.end - package.payload, SEEK_SET);
    size_t size = fread(data, 1, (size_t)package.payload, from);
    fclose(from);
    /* A new file, created now: that dates the correction. */
    if (!DeleteFileW(path) && GetLastError() != ERROR_FILE_NOT_FOUND)
        return GetLastError();
    HANDLE file = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL);
    if (file == INVALID_HANDLE_VALUE || !WriteFile(file, data, (DWORD)size, &written, NULL))
        return GetLastError();
    CloseHandle(file);
    return SUCCESS;
}

static DWORD change(void)
{
    DWORD error;
    if (has("kb954474")) {
        int x86 = !text(SITE, L"Full Version");
        set_text(x86 ? L"SOFTWARE\\" HOTFIX : L"SOFTWARE\\Wow6432Node\\" HOTFIX, L"Type", L"Update");
        return SUCCESS;
    }
    if (number(L"AtRestart", 0)) {
        wchar_t waiting[PATH];
        swprintf(waiting, PATH, L"%ls.new", target);
        error = lay_down(waiting);
        if (!error)
            MoveFileExW(waiting, target, MOVEFILE_REPLACE_EXISTING | MOVEFILE_DELAY_UNTIL_REBOOT);
    } else {
        error = lay_down(target);
    }
    if (!error && has("wsus_setup"))
        set_text(WSUS, L"VersionString", L"3.1.6001.65");
    return error;
}

static void write_log(DWORD code)
{
    const wchar_t *own = text(INSTALLER, L"Log");
    FILE *file = *log_path ? _wfopen(log_path, L"w") : NULL;
    if (!file)
        return;
    if (own)
        fprintf(file, "%ls\n", own);
    else
        fprintf(file, "Installation %s.\nReturning %lu.\n",
                code == SUCCESS || code == RESTART_NEEDED || code == RESTART_STARTED ? "completed successfully" : "failed", code);
    fclose(file);
}

static DWORD install(int argc, wchar_t **argv)
{
    wchar_t processor[16] = L"";
    GetEnvironmentVariableW(L"PROCESSOR_ARCHITECTURE", processor, 16);
    if (has("\"x64\"") && wcscmp(processor, L"AMD64"))
        return OTHER_MACHINE;
    if (has("\"x86\"") && !has("kb954474") && wcscmp(processor, L"x86")) /* ConfigMgr 2007 is a 32-bit program */
        return OTHER_PLATFORM;
    if (!read_arguments(argc, argv))
        return BAD_ARGUMENT;
    DWORD busy = number(L"Busy", 0);
    if (busy) {
        busy--;
        RegSetKeyValueW(HKEY_LOCAL_MACHINE, INSTALLER, L"Busy", REG_DWORD, &busy, sizeof busy);
        return BUSY;
    }
    Sleep(number(L"Delay", 0) * 1000);
    if (number(L"Crash", 0))
        *(volatile int *)NULL = 0;
    DWORD code = number(L"ExitCode", !fits() ? OTHER_PRODUCT : number(L"AtRestart", 0) ? RESTART_NEEDED : SUCCESS);
    int success = code == SUCCESS || code == RESTART_NEEDED || code == RESTART_STARTED;
    DWORD error = success && number(L"Replace", 1) ? change() : SUCCESS;
    if (error)
        code = error;
    write_log(code);
    return code;
}

int wmain(int argc, wchar_t **argv)
{
    wchar_t own[PATH];
    GetModuleFileNameW(NULL, own, PATH);
    if (read_package(own))
        return (int)install(argc - 1, argv + 1);
    if (argc > 1 && read_package(argv[1]))
        return (int)install(argc - 2, argv + 2);
    return BAD_ARGUMENT;
}
