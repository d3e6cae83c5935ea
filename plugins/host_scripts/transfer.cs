// Copyright (c) 2026, unblock.updates contributors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Puts what comes over standard input into a file of the working directory, and tells of a file there.
//
//     transfer.exe NONCE receive NAME SIZE SHA256
//     transfer.exe NONCE check NAME SHA256
//     transfer.exe NONCE read NAME OFFSET COUNT
//
// Answers {"size": bytes, "sha256": "..."}, and ends with 2 if that is another digest; or {"size": bytes, "data": base64},
// where an offset below 0 counts from the end. Needs answer.cs.
namespace Unblock
{
    using System;
    using System.Globalization;
    using System.IO;
    using System.Security.Cryptography;

    /// <summary>What was copied: how many bytes, and their digest in lower-case hexadecimal digits.</summary>
    internal struct Copied
    {
        public long Size;
        public string Sha256;

        public Fields ToFields()
        {
            return new Fields().Set("size", Size).Set("sha256", Sha256);
        }
    }

    internal static class Transfer
    {
        private const int BufferBytes = 65536;
        private const int Different = 2;

        private static int Main(string[] arguments)
        {
            bool isDifferent = false;
            int code = Answer.Give(arguments[0], delegate
            {
                if (arguments[1] == "read")
                {
                    return Read(arguments[2], Number(arguments[3]), Number(arguments[4]));
                }
                Copied copied = Copy(arguments);
                isDifferent = copied.Sha256 != arguments[arguments.Length - 1];
                return copied.ToFields();
            });
            return isDifferent ? Different : code;
        }

        private static long Number(string text)
        {
            return long.Parse(text, CultureInfo.InvariantCulture);
        }

        private static Copied Copy(string[] arguments)
        {
            switch (arguments[1])
            {
                case "receive":
                    return Receive(arguments[2], Number(arguments[3]), arguments[4]);
                case "check":
                    using (Stream file = new FileStream(arguments[2], FileMode.Open, FileAccess.Read, FileShare.Read))
                    {
                        return Copy(file, Stream.Null, long.MaxValue);
                    }
                default:
                    throw new ArgumentException("unknown verb " + arguments[1]);
            }
        }

        /// <summary>Writes a file, which stays only if it is what was announced.</summary>
        private static Copied Receive(string name, long size, string expected)
        {
            bool isWhole = false;
            using (Stream input = Console.OpenStandardInput())
            {
                try
                {
                    Copied copied;
                    using (Stream file = new FileStream(name, FileMode.Create, FileAccess.Write, FileShare.None))
                    {
                        copied = Copy(input, file, size);
                    }
                    isWhole = copied.Size == size && copied.Sha256 == expected;
                    return copied;
                }
                finally
                {
                    if (!isWhole)
                    {
                        // Whoever sends is to read the answer, not to fail at sending to a program that has ended.
                        Drain(input);
                        File.Delete(name);
                    }
                }
            }
        }

        /// <summary>Reads a part of a file, also of one that its writer still holds open.</summary>
        private static Fields Read(string name, long offset, long count)
        {
            using (Stream file = new FileStream(name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
            {
                file.Position = offset < 0 ? Math.Max(0, file.Length + offset) : offset;
                using (MemoryStream part = new MemoryStream())
                {
                    byte[] buffer = new byte[BufferBytes];
                    int got;
                    while ((got = file.Read(buffer, 0, (int)Math.Min(buffer.Length, count - part.Length))) > 0)
                    {
                        part.Write(buffer, 0, got);
                    }
                    return new Fields().Set("size", file.Length).Set("data", Convert.ToBase64String(part.ToArray()));
                }
            }
        }

        private static void Drain(Stream source)
        {
            byte[] buffer = new byte[BufferBytes];
            while (source.Read(buffer, 0, buffer.Length) > 0)
            {
            }
        }

        /// <exception cref="InvalidOperationException">If a policy allows no SHA-256 of the Framework 2.0.</exception>
        private static Copied Copy(Stream source, Stream target, long limit)
        {
            Copied copied = new Copied();
            byte[] buffer = new byte[BufferBytes];
            using (SHA256 digest = new SHA256Managed())
            {
                int count;
                while ((count = source.Read(buffer, 0, (int)Math.Min(buffer.Length, limit - copied.Size))) > 0)
                {
                    target.Write(buffer, 0, count);
                    digest.TransformBlock(buffer, 0, count, null, 0);
                    copied.Size += count;
                }
                digest.TransformFinalBlock(buffer, 0, 0);
                copied.Sha256 = BitConverter.ToString(digest.Hash).Replace("-", "").ToLowerInvariant();
            }
            return copied;
        }
    }
}
