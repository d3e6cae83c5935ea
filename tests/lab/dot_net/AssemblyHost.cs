// Copyright (c) 2026, unblock.updates contributors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Runs a .NET program of a lab host under mono, as Windows would.
//
//     mono AssemblyHost.exe EXIT_CODE_FILE ALIVE_FILE PROGRAM [ARGUMENT]...
//
// Lines end with CR LF. The exit code, of which a Unix status would keep 8 bits, goes to EXIT_CODE_FILE in decimal.
// The program ends when ALIVE_FILE goes: Wine removes it with the process that stands for this one on the host.
using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Text;
using System.Threading;

internal static class AssemblyHost
{
    private const int UnhandledException = unchecked((int)0xE0434F4D);
    private const int Poll = 50; // milliseconds

    private static int Main(string[] arguments)
    {
        string exitCodeFile = arguments[0];
        AppDomain.CurrentDomain.ProcessExit += delegate { WriteExitCode(exitCodeFile, Environment.ExitCode); };
        Watch(arguments[1]);
        Console.SetOut(WithWindowsLines(Console.OpenStandardOutput()));
        Console.SetError(WithWindowsLines(Console.OpenStandardError()));
        string[] own = new string[arguments.Length - 3];
        Array.Copy(arguments, 3, own, 0, own.Length);
        Environment.ExitCode = Run(arguments[2], own);
        return Environment.ExitCode;
    }

    private static int Run(string program, string[] arguments)
    {
        try
        {
            return AppDomain.CurrentDomain.ExecuteAssembly(program, arguments);
        }
        catch (Exception error)
        {
            Console.Error.WriteLine("\r\nUnhandled Exception: " + error);
            return UnhandledException;
        }
    }

    private static void WriteExitCode(string path, int code)
    {
        File.WriteAllText(path, unchecked((uint)code).ToString(CultureInfo.InvariantCulture));
    }

    private static void Watch(string aliveFile)
    {
        Thread watcher = new Thread(delegate()
        {
            while (File.Exists(aliveFile))
            {
                Thread.Sleep(Poll);
            }
            Process.GetCurrentProcess().Kill();
        });
        watcher.IsBackground = true;
        watcher.Start();
    }

    private static TextWriter WithWindowsLines(Stream stream)
    {
        StreamWriter writer = new StreamWriter(stream, new UTF8Encoding(false));
        writer.NewLine = "\r\n";
        writer.AutoFlush = true;
        return writer;
    }
}
