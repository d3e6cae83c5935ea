/* Copyright (c) 2026, unblock.updates contributors
 * GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * hold: makes resources unusable while it runs, as other programs and administrators do.
 *
 *   hold (exclusive FILE | shared FILE | deny KEY) ...
 *
 * exclusive, shared: keeps the file open for writing. deny: nobody may open the key of HKEY_LOCAL_MACHINE; Wine checks
 * the descriptor but does not save it, so it is set anew at each start of the host.
 */
#include <stdio.h>
#include <wchar.h>
#include <windows.h>

static int hold_file(const wchar_t *path, DWORD share)
{
    return CreateFileW(path, GENERIC_READ | GENERIC_WRITE, share, NULL, OPEN_EXISTING, 0, NULL) != INVALID_HANDLE_VALUE;
}

static int deny_key(const wchar_t *path)
{
    SECURITY_DESCRIPTOR descriptor;
    ACL empty; /* a list without entries grants nothing */
    HKEY key;
    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_ALL_ACCESS, &key))
        return 0;
    InitializeAcl(&empty, sizeof empty, ACL_REVISION);
    InitializeSecurityDescriptor(&descriptor, SECURITY_DESCRIPTOR_REVISION);
    SetSecurityDescriptorDacl(&descriptor, TRUE, &empty, FALSE);
    return !RegSetKeySecurity(key, DACL_SECURITY_INFORMATION, &descriptor);
}

int wmain(int argc, wchar_t **argv)
{
    for (int i = 1; i + 1 < argc; i += 2) {
        int held = !wcscmp(argv[i], L"deny")     ? deny_key(argv[i + 1])
                   : !wcscmp(argv[i], L"shared") ? hold_file(argv[i + 1], FILE_SHARE_READ | FILE_SHARE_WRITE)
                                                 : hold_file(argv[i + 1], 0);
        if (!held)
            return 1;
    }
    puts("held");
    fflush(stdout);
    Sleep(INFINITE);
    return 0;
}
