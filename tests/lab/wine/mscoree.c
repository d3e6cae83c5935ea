/* Copyright (c) 2026, unblock.updates contributors
 * GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * mscoree: the .NET runtime of a lab host. Wine's loader calls _CorExeMain when a .NET program is started; this one
 * hands the program over to the machine's mono, which inherits standard handles, environment and working directory.
 *
 * To mono, all paths are Unix paths: programs use relative names.
 * A stand-in package (tests/lab/packages.py) goes to setup.exe instead.
 * In place of the global assembly cache, assemblies are found where WSUS has its administration API.
 */
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>
#include <windows.h>
#include <ntsecapi.h>

#define SCRIPT L"C:\\windows\\mono\\mono.sh"
#define HOST L"C:\\windows\\mono\\AssemblyHost.exe"
#define WSUS L"SOFTWARE\\Microsoft\\Update Services\\Server\\Setup"
#define SETUP L"C:\\windows\\mono\\setup.exe"
#define POLL 10 /* milliseconds */

enum { LINE = 32768, CANNOT_RUN = 255 };

/* Returns the Unix path of a Windows path, also of a file that is not there yet, without the colon of Wine's dosdevices:
 * in MONO_PATH that parts directories. */
__declspec(dllexport) wchar_t *UnixPath(const wchar_t *path)
{
    char *(CDECL *convert)(const wchar_t *) =
        (void *)GetProcAddress(GetModuleHandleW(L"kernel32"), "wine_get_unix_file_name");
    wchar_t full[MAX_PATH], *result = calloc(LINE, sizeof *result);
    GetFullPathNameW(path, MAX_PATH, full, NULL);
    char *name = convert(full);
    MultiByteToWideChar(CP_UTF8, 0, name ? name : "", -1, result, LINE);
    HeapFree(GetProcessHeap(), 0, name);
    wchar_t *drive = wcsstr(result, L"/dosdevices/");
    if (drive) {
        wchar_t letter = drive[12];
        wmemmove(drive + 8, drive + 14, wcslen(drive + 14) + 1);
        wmemcpy(drive, L"/drive_", 7);
        drive[7] = letter;
    }
    return result;
}

/* Adds an argument as CommandLineToArgvW reads it: backslashes double before a quotation mark. */
static void append(wchar_t *line, const wchar_t *argument)
{
    wchar_t *to = line + wcslen(line);
    if (to != line)
        *to++ = ' ';
    *to++ = '"';
    for (const wchar_t *from = argument;; from++) {
        size_t slashes = wcsspn(from, L"\\");
        from += slashes;
        for (size_t i = *from && *from != '"' ? slashes : slashes * 2; i; i--)
            *to++ = '\\';
        if (*from == '"')
            *to++ = '\\';
        if (!*from)
            break;
        *to++ = *from;
    }
    wcscpy(to, L"\"");
}

static void find_assemblies(void)
{
    wchar_t target[MAX_PATH] = L"";
    DWORD size = sizeof target - 8;
    if (!RegGetValueW(HKEY_LOCAL_MACHINE, WSUS, L"TargetDir", RRF_RT_REG_SZ, NULL, target, &size)) {
        wcsncat(target, L"Api", 4);
        SetEnvironmentVariableW(L"MONO_PATH", UnixPath(target));
    }
}

static int read_exit_code(const wchar_t *path, DWORD *code)
{
    FILE *file = _wfopen(path, L"r");
    int read = file && fscanf(file, "%lu", code) == 1;
    if (file)
        fclose(file);
    return read;
}

static DWORD run(wchar_t *line, const wchar_t *exit_code_file)
{
    STARTUPINFOW startup = {.cb = sizeof startup, .dwFlags = STARTF_USESTDHANDLES};
    PROCESS_INFORMATION process;
    DWORD code;
    startup.hStdInput = GetStdHandle(STD_INPUT_HANDLE);
    startup.hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE);
    startup.hStdError = GetStdHandle(STD_ERROR_HANDLE);
    if (!CreateProcessW(L"\\\\?\\unix\\bin\\sh", line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process))
        return CANNOT_RUN;
    /* Wine gives no handle of a Unix process to wait for. */
    while (!read_exit_code(exit_code_file, &code))
        Sleep(POLL);
    DeleteFileW(exit_code_file);
    return code;
}

/* Runs a .NET program, given by its Unix path, to its end; returns its exit code. */
__declspec(dllexport) DWORD RunUnderMono(const wchar_t *program, int argc, wchar_t **argv)
{
    static wchar_t line[LINE];
    wchar_t files[2][64], number[24];
    ULONGLONG random;
    RtlGenRandom(&random, sizeof random);
    swprintf(number, 24, L"%016llx", random);
    swprintf(files[0], 64, L"\\\\?\\unix\\tmp\\lab-net-%ls.code", number);
    swprintf(files[1], 64, L"\\\\?\\unix\\tmp\\lab-net-%ls.alive", number);
    HANDLE alive = CreateFileW(files[1], GENERIC_WRITE | DELETE, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL, CREATE_NEW,
                               FILE_FLAG_DELETE_ON_CLOSE, NULL);
    find_assemblies();
    append(line, L"sh");
    append(line, UnixPath(SCRIPT));
    append(line, UnixPath(HOST));
    for (int i = 0; i < 2; i++) {
        wchar_t path[64];
        swprintf(path, 64, L"/tmp/%ls", wcsrchr(files[i], '\\') + 1);
        append(line, path);
    }
    append(line, program);
    for (int i = 0; i < argc; i++)
        append(line, argv[i]);
    DWORD code = run(line, files[0]);
    CloseHandle(alive);
    return code;
}

static int is_package(const wchar_t *path)
{
    char end[512];
    int found = 0;
    FILE *file = _wfopen(path, L"rb");
    fseek(file, -(long)sizeof end, SEEK_END);
    size_t size = fread(end, 1, sizeof end, file);
    fclose(file);
    for (size_t i = 0; i + 11 < size; i++)
        found |= !memcmp(end + i, "LABPACKAGE{", 11);
    return found;
}

static DWORD run_setup(const wchar_t *package, int argc, wchar_t **argv)
{
    static wchar_t line[LINE];
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION process;
    DWORD code;
    append(line, L"setup");
    append(line, package);
    for (int i = 0; i < argc; i++)
        append(line, argv[i]);
    if (!CreateProcessW(SETUP, line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process))
        return CANNOT_RUN;
    WaitForSingleObject(process.hProcess, INFINITE);
    GetExitCodeProcess(process.hProcess, &code);
    return code;
}

__declspec(dllexport) int WINAPI _CorExeMain(void)
{
    int argc;
    wchar_t path[MAX_PATH], **argv = CommandLineToArgvW(GetCommandLineW(), &argc);
    GetModuleFileNameW(NULL, path, MAX_PATH);
    ExitProcess(is_package(path) ? run_setup(path, argc - 1, argv + 1)
                                 : RunUnderMono(UnixPath(path), argc - 1, argv + 1));
}

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, void *reserved)
{
    (void)instance, (void)reason, (void)reserved;
    return TRUE;
}
