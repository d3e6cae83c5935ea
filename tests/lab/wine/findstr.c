/* Copyright (c) 2026, unblock.updates contributors
 * GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * findstr: the part of Windows' findstr that the lab needs; Wine's is a stub that prints nothing and exits 0.
 *
 *   findstr [/I] [/N] [/L] [/V] [/C:"text"]... ["words" | "^"] [FILE]...
 *
 * Streams standard input or files of any size. Exit codes: 0 a line was found, 1 none (also when a file cannot be
 * opened), 2 wrong syntax. Whatever Windows would treat as a regular expression is refused with 2, but for "^", which
 * is every line: a wrong match must not look like a right one.
 * A line of standard input over 8,191 bytes is refused as well: Windows' findstr does not pass it on whole.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

enum { FOUND = 0, NOT_FOUND = 1, WRONG_SYNTAX = 2, MAX_STRINGS = 64, MAX_STDIN_LINE = 8191, CHUNK = 1 << 20 };

static struct { char *text; size_t length; size_t skip[256]; } strings[MAX_STRINGS];
static int string_count, ignore_case, numbered, literal, inverted, every_line, several_files, names_only;
static unsigned char fold[256];
static char *output;
static size_t output_used;

static int fail(const char *message)
{
    fprintf(stderr, "FINDSTR: %s\n", message);
    return WRONG_SYNTAX;
}

static void flush_output(void)
{
    DWORD written;
    size_t done = 0;
    while (done < output_used && WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), output + done, (DWORD)(output_used - done),
                                           &written, NULL) && written)
        done += written;
    output_used = 0;
}

static void put(const char *data, size_t length)
{
    while (length) {
        size_t part = CHUNK - output_used < length ? CHUNK - output_used : length;
        memcpy(output + output_used, data, part);
        output_used += part;
        data += part;
        length -= part;
        if (output_used == CHUNK)
            flush_output();
    }
}

static int add_string(const char *text, size_t length)
{
    if (string_count == MAX_STRINGS)
        return fail("Too many search strings");
    strings[string_count].text = malloc(length + 1);
    strings[string_count].length = length;
    for (size_t i = 0; i < length; i++)
        strings[string_count].text[i] = (char)fold[(unsigned char)text[i]];
    for (int c = 0; c < 256; c++)
        strings[string_count].skip[c] = length;
    for (size_t i = 0; i + 1 < length; i++)
        strings[string_count].skip[(unsigned char)strings[string_count].text[i]] = length - 1 - i;
    string_count++;
    return 0;
}

/* Horspool's search: most bytes of a long log are never looked at. */
static int contains(const unsigned char *line, size_t length, int s)
{
    size_t wanted = strings[s].length;
    const unsigned char *text = (const unsigned char *)strings[s].text;
    for (size_t at = 0; at + wanted <= length; at += strings[s].skip[fold[line[at + wanted - 1]]]) {
        size_t i = wanted;
        while (i && fold[line[at + i - 1]] == text[i - 1])
            i--;
        if (!i)
            return 1;
    }
    return 0;
}

static int matches(const char *line, size_t length)
{
    int hit = every_line;
    for (int s = 0; s < string_count && !hit; s++)
        hit = contains((const unsigned char *)line, length, s);
    return hit != inverted;
}

static int search(HANDLE input, const char *name)
{
    size_t capacity = CHUNK, used = 0;
    unsigned long long number = 0;
    char *buffer = malloc(capacity), prefix[32];
    int found = NOT_FOUND, end = 0;
    DWORD got;

    while (!end) {
        if (used == capacity)
            buffer = realloc(buffer, capacity *= 2);
        if (!ReadFile(input, buffer + used, (DWORD)(capacity - used), &got, NULL) || !got)
            end = 1, got = 0;
        used += got;
        size_t start = 0;
        while (start < used) {
            char *newline = memchr(buffer + start, '\n', used - start);
            if (!newline && !end)
                break;
            size_t length = newline ? (size_t)(newline - buffer) + 1 - start : used - start;
            if (!name && length > MAX_STDIN_LINE + 2) {
                flush_output();
                exit(fail("line of standard input is too long"));
            }
            number++;
            if (matches(buffer + start, length)) {
                found = FOUND;
                if (names_only) {
                    put(name, strlen(name)), put("\r\n", 2);
                    flush_output();
                    free(buffer);
                    return found;
                }
                if (several_files)
                    put(name, strlen(name)), put(":", 1);
                if (numbered)
                    put(prefix, (size_t)snprintf(prefix, sizeof prefix, "%llu:", number));
                put(buffer + start, length);
                if (!newline)
                    put("\r\n", 2);
            }
            start += length;
        }
        memmove(buffer, buffer + start, used -= start);
        flush_output();
    }
    free(buffer);
    return found;
}

static int read_switch(const char *argument)
{
    if (!_strnicmp(argument, "/c:", 3))
        return add_string(argument + 3, strlen(argument + 3));
    for (const char *letter = argument + 1; *letter; letter++)
        switch (*letter | 0x20) {
        case 'i': ignore_case = 1; break;
        case 'n': numbered = 1; break;
        case 'l': literal = 1; break;
        case 'v': inverted = 1; break;
        case 'm': names_only = 1; break;
        default: return fail("switch not supported here");
        }
    return 0;
}

static int read_words(char *words)
{
    if (!strcmp(words, "^") && !literal)
        return every_line = 1, 0;
    if (!literal && strpbrk(words, ".*^$[]\\"))
        return fail("regular expressions are not supported here: use /C: or /L");
    for (char *word = strtok(words, " "); word; word = strtok(NULL, " "))
        if (add_string(word, strlen(word)))
            return WRONG_SYNTAX;
    return 0;
}

/* Search strings are compared as bytes of the ANSI code page, as the files are. */
static char *ansi(const wchar_t *text)
{
    int size = WideCharToMultiByte(CP_ACP, 0, text, -1, NULL, 0, NULL, NULL);
    char *bytes = malloc((size_t)size);
    WideCharToMultiByte(CP_ACP, 0, text, -1, bytes, size, NULL, NULL);
    return bytes;
}

int wmain(int argc, wchar_t **argv)
{
    int first = 1, found = NOT_FOUND;
    output = malloc(CHUNK);
    for (int i = 1; i < argc; i++) /* the case table must stand before the first string is stored */
        if (argv[i][0] == '/' && (argv[i][1] | 0x20) != 'c' && wcspbrk(argv[i], L"iI"))
            ignore_case = 1;
    for (int c = 0; c < 256; c++)
        fold[c] = (unsigned char)(ignore_case && c >= 'A' && c <= 'Z' ? c + 32 : c);
    for (; first < argc && argv[first][0] == '/'; first++)
        if (read_switch(ansi(argv[first])))
            return WRONG_SYNTAX;
    if (!string_count && first < argc && read_words(ansi(argv[first++])))
        return WRONG_SYNTAX;
    if (!string_count && !every_line)
        return fail("Bad command line");
    several_files = argc - first > 1;
    if (first == argc)
        return search(GetStdHandle(STD_INPUT_HANDLE), NULL);
    for (; first < argc; first++) {
        HANDLE file = CreateFileW(argv[first], GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING,
                                  FILE_FLAG_SEQUENTIAL_SCAN, NULL);
        if (file == INVALID_HANDLE_VALUE) {
            fprintf(stderr, "FINDSTR: Cannot open %s\n", ansi(argv[first]));
            continue;
        }
        if (search(file, ansi(argv[first])) == FOUND)
            found = FOUND;
        CloseHandle(file);
    }
    return found;
}
