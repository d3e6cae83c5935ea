/* Copyright (c) 2026, unblock.updates contributors
 * GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * winrshost: runs one command for the endpoint.
 *
 * Wine's own command line would re-quote the command and a Unix status keeps 8 bits of the exit code. So the command
 * comes in an environment variable, goes to CreateProcessW untouched, and its 32-bit exit code goes to a file:
 *   LAB_COMMAND      the command line
 *   LAB_DIRECTORY    its working directory (optional)
 *   LAB_ENVIRONMENT  lines NAME=VALUE, set for the command
 *   LAB_EXIT_CODE    file that receives the exit code in decimal
 * This process and all that it starts are in one job that dies with it: killing winrshost ends the whole process tree,
 * at whatever step of starting the command that happens.
 */
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>
#include <windows.h>

static wchar_t *take_variable(const wchar_t *name)
{
    DWORD size = GetEnvironmentVariableW(name, NULL, 0);
    wchar_t *value = calloc(size + 1, sizeof(wchar_t));
    if (size) {
        GetEnvironmentVariableW(name, value, size);
        SetEnvironmentVariableW(name, NULL);
    }
    return value;
}

static void set_variables(wchar_t *lines)
{
    wchar_t *next;
    for (wchar_t *line = lines; line && *line; line = next) {
        next = wcschr(line, L'\n');
        if (next)
            *next++ = 0;
        wchar_t *equals = wcschr(line, L'=');
        if (equals) {
            *equals = 0;
            SetEnvironmentVariableW(line, equals[1] ? equals + 1 : NULL);
        }
    }
}

static void report(const wchar_t *path, DWORD code)
{
    char text[16];
    DWORD written;
    HANDLE file = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    int length = snprintf(text, sizeof text, "%lu\n", code);
    WriteFile(file, text, (DWORD)length, &written, NULL);
    CloseHandle(file);
}

int wmain(void)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {0};
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION process;
    wchar_t *command = take_variable(L"LAB_COMMAND");
    wchar_t *directory = take_variable(L"LAB_DIRECTORY");
    wchar_t *exit_code_file = take_variable(L"LAB_EXIT_CODE");
    DWORD code;

    set_variables(take_variable(L"LAB_ENVIRONMENT"));
    HANDLE job = CreateJobObjectW(NULL, NULL);
    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
    SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits);
    AssignProcessToJobObject(job, GetCurrentProcess());

    startup.dwFlags = STARTF_USESTDHANDLES;
    startup.hStdInput = GetStdHandle(STD_INPUT_HANDLE);
    startup.hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE);
    startup.hStdError = GetStdHandle(STD_ERROR_HANDLE);
    if (!CreateProcessW(NULL, command, NULL, NULL, TRUE, 0, NULL, *directory ? directory : NULL,
                        &startup, &process)) {
        report(exit_code_file, GetLastError());
        return 1;
    }
    WaitForSingleObject(process.hProcess, INFINITE);
    GetExitCodeProcess(process.hProcess, &code);
    report(exit_code_file, code);
    return 0;
}
