/* Copyright (c) 2026, unblock.updates contributors
 * GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * whoami: the part that the lab needs; Wine's prints the account's name whatever it is asked for.
 *
 *   whoami | whoami /groups /fo csv /nh
 *
 * The groups are those of the token that Wine gives to every program: a full administrator's. A host before Windows
 * Server 2008 has no integrity level. Names and kinds are English, and only those of the Administrators are right.
 */
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>
#include <windows.h>
#include <sddl.h>

static const char ENABLED[] = "Mandatory group, Enabled by default, Enabled group";

static void *query(TOKEN_INFORMATION_CLASS what)
{
    HANDLE token;
    DWORD size = 0;
    OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token);
    GetTokenInformation(token, what, NULL, 0, &size);
    void *data = calloc(1, size + 1);
    return GetTokenInformation(token, what, data, size, &size) ? data : NULL;
}

static void print(const char *name, const char *kind, PSID sid)
{
    char *text;
    ConvertSidToStringSidA(sid, &text);
    printf("\"%s\",\"%s\",\"%s\",\"%s\"\n", name, kind, text, ENABLED);
    LocalFree(text);
}

static int print_groups(void)
{
    TOKEN_GROUPS *groups = query(TokenGroups);
    TOKEN_MANDATORY_LABEL *label = query(TokenIntegrityLevel);
    for (DWORD i = 0; groups && i < groups->GroupCount; i++) {
        PSID sid = groups->Groups[i].Sid;
        int administrators = IsWellKnownSid(sid, WinBuiltinAdministratorsSid);
        print(administrators ? "BUILTIN\\Administrators" : "Group", administrators ? "Alias" : "Well-known group", sid);
    }
    if (label && (GetVersion() & 0xFF) >= 6)
        print("Mandatory Label\\High Mandatory Level", "Unknown SID type", label->Label.Sid);
    return groups ? 0 : 1;
}

int wmain(int argc, wchar_t **argv)
{
    wchar_t computer[64], user[64];
    if (argc == 5 && !_wcsicmp(argv[1], L"/groups") && !_wcsicmp(argv[2], L"/fo") && !_wcsicmp(argv[3], L"csv") &&
        !_wcsicmp(argv[4], L"/nh"))
        return print_groups();
    if (argc > 1) {
        fputs("ERROR: Invalid argument/option.\n", stderr);
        return 1;
    }
    GetEnvironmentVariableW(L"COMPUTERNAME", computer, 64);
    GetEnvironmentVariableW(L"USERNAME", user, 64);
    wprintf(L"%ls\\%ls\n", _wcslwr(computer), _wcslwr(user));
    return 0;
}
