/* Copyright (c) 2026, unblock.updates contributors
 * GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * cscript: stands before Wine's own, which knows neither //E: nor the policy that disables the script host.
 *
 *   cscript [//nologo] [//E:JScript] FILE [ARGUMENT]...
 *
 * //B is refused: it silences WScript.Echo on Windows and does not in Wine, so that a probe using it would pass here only.
 * Wine chooses the engine by the file's extension, so another name is copied to a .js file for the run.
 */
#include <shlwapi.h>
#include <stdio.h>
#include <wchar.h>
#include <windows.h>

#define ENGINE L"C:\\windows\\wsh\\cscript.exe"
#define SETTINGS L"Software\\Microsoft\\Windows Script Host\\Settings"

static int disabled_in(HKEY root)
{
    union { DWORD number; wchar_t text[16]; } data = {0};
    DWORD size = sizeof data - sizeof(wchar_t), type;
    if (RegGetValueW(root, SETTINGS, L"Enabled", RRF_RT_REG_DWORD | RRF_RT_REG_SZ, &type, &data, &size))
        return 0;
    return type == REG_SZ ? !wcscmp(data.text, L"0") : !data.number;
}

static int refuse(const wchar_t *message)
{
    fwprintf(stderr, L"%ls\n", message);
    return 1;
}

static DWORD run(wchar_t *command)
{
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION process;
    DWORD code;
    if (!CreateProcessW(ENGINE, command, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process))
        return (DWORD)refuse(L"CScript Error: the script engine is missing.");
    WaitForSingleObject(process.hProcess, INFINITE);
    GetExitCodeProcess(process.hProcess, &code);
    return code;
}

static void append(wchar_t *command, const wchar_t *argument)
{
    wcscat(command, L" \"");
    wcscat(command, argument);
    wcscat(command, L"\"");
}

int wmain(int argc, wchar_t **argv)
{
    wchar_t command[32768] = L"cscript //nologo", copy[MAX_PATH + 16] = L"", message[MAX_PATH + 64];
    const wchar_t *script = NULL;
    int jscript = 0;

    if (disabled_in(HKEY_LOCAL_MACHINE) || disabled_in(HKEY_CURRENT_USER))
        return refuse(L"CScript Error: Windows Script Host access is disabled on this machine. "
                      L"Contact your administrator for details.");
    for (int i = 1; i < argc; i++) {
        if (!_wcsicmp(argv[i], L"//E:JScript")) {
            jscript = 1;
        } else if (!wcsncmp(argv[i], L"//", 2)) {
            if (!_wcsicmp(argv[i], L"//nologo"))
                continue;
            swprintf(message, MAX_PATH, L"Input Error: Unknown option \"%ls\" specified.", argv[i]);
            return refuse(message);
        } else if (script) {
            append(command, argv[i]);
        } else {
            script = argv[i];
            if (GetFileAttributesW(script) == INVALID_FILE_ATTRIBUTES) {
                swprintf(message, MAX_PATH + 64, L"Input Error: Can not find script file \"%ls\".", script);
                return refuse(message);
            }
            if (jscript && _wcsicmp(PathFindExtensionW(script), L".js")) {
                swprintf(copy, MAX_PATH + 16, L"%ls.%lu.js", script, GetCurrentProcessId());
                CopyFileW(script, copy, TRUE);
            }
            append(command, *copy ? copy : script);
        }
    }
    if (!script)
        return refuse(L"Input Error: There is no script file specified.");
    DWORD code = run(command);
    if (*copy)
        DeleteFileW(copy);
    return (int)code;
}
