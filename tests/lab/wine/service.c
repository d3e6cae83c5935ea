/* Copyright (c) 2026, unblock.updates contributors
 * GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * service: a Windows service that only starts and stops; its name comes from the service manager.
 */
#include <windows.h>

static SERVICE_STATUS status = {SERVICE_WIN32_OWN_PROCESS, SERVICE_START_PENDING, SERVICE_ACCEPT_STOP, 0, 0, 0, 0};
static SERVICE_STATUS_HANDLE handle;
static HANDLE stopped;

static void enter(DWORD state)
{
    status.dwCurrentState = state;
    SetServiceStatus(handle, &status);
}

static DWORD WINAPI control(DWORD code, DWORD type, void *data, void *context)
{
    (void)type, (void)data, (void)context;
    if (code == SERVICE_CONTROL_STOP) {
        enter(SERVICE_STOP_PENDING);
        SetEvent(stopped);
    }
    return NO_ERROR;
}

static void WINAPI service_main(DWORD argc, wchar_t **argv)
{
    (void)argc;
    stopped = CreateEventW(NULL, TRUE, FALSE, NULL);
    handle = RegisterServiceCtrlHandlerExW(argv[0], control, NULL);
    enter(SERVICE_RUNNING);
    WaitForSingleObject(stopped, INFINITE);
    enter(SERVICE_STOPPED);
}

int wmain(void)
{
    SERVICE_TABLE_ENTRYW table[] = {{L"", service_main}, {NULL, NULL}};
    return !StartServiceCtrlDispatcherW(table);
}
