// Copyright (c) 2026, unblock.updates contributors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// How a program answers: one JSON document in a frame of ASCII lines, as probe.js writes it.
//
// C# 2.0, for the compiler of the .NET Framework 2.0: no var, no lambdas, no LINQ, no automatic properties. The
// directives stand inside the namespace, so that files can be joined to one.
namespace Unblock
{
    using System;
    using System.Collections;
    using System.Collections.Generic;
    using System.Globalization;
    using System.IO;
    using System.Runtime.InteropServices;
    using System.Text;

    /// <summary>A JSON object: its members in the order in which they were set.</summary>
    internal sealed class Fields
    {
        private readonly List<KeyValuePair<string, object>> members = new List<KeyValuePair<string, object>>();

        public IEnumerable<KeyValuePair<string, object>> Members
        {
            get { return members; }
        }

        public Fields Set(string name, object value)
        {
            members.Add(new KeyValuePair<string, object>(name, value));
            return this;
        }
    }

    internal delegate Fields Work();

    internal static class Answer
    {
        private const int LineCharacters = 3900;
        private const int TextCharacters = 500;

        /// <summary>Does the work and prints what came of it.</summary>
        /// <param name="nonce">32 hexadecimal digits that tell this answer from every other.</param>
        /// <returns>The exit code: 0, or 1 after an error, which is answered as the member "failed".</returns>
        public static int Give(string nonce, Work work)
        {
            Fields document;
            int code = 0;
            try
            {
                document = work();
            }
            catch (Exception error)
            {
                document = new Fields().Set("failed", Describe(error));
                code = 1;
            }
            Print(nonce, document);
            return code;
        }

        /// <summary>An error: its type and code are the same in every language, its message is not.</summary>
        public static Fields Describe(Exception error)
        {
            return new Fields()
                .Set("type", Bounded(error.GetType().FullName))
                .Set("message", Bounded(error.Message))
                .Set("code", Marshal.GetHRForException(error) & 0xFFFFFFFFL);
        }

        /// <summary>Text cut to what an answer may hold of it.</summary>
        public static string Bounded(string text)
        {
            return text == null || text.Length <= TextCharacters ? text : text.Substring(0, TextCharacters);
        }

        /// <summary>The host's clock, UTC. Only the invariant culture writes a colon in every language.</summary>
        public static string Now()
        {
            return DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        }

        // Bytes, not the console's characters: those are written in the code page of the shell.
        private static void Print(string nonce, Fields document)
        {
            StringBuilder json = new StringBuilder();
            Write(json, document);
            string text = json.ToString();
            int lines = 0;
            using (StreamWriter output = new StreamWriter(Console.OpenStandardOutput(), Encoding.ASCII))
            {
                output.WriteLine("UNBLOCK BEGIN " + nonce);
                for (int start = 0; start < text.Length; start += LineCharacters)
                {
                    output.WriteLine("UNBLOCK DATA " + text.Substring(start, Math.Min(LineCharacters, text.Length - start)));
                    lines += 1;
                }
                output.WriteLine("UNBLOCK END " + nonce + " " + lines.ToString(CultureInfo.InvariantCulture));
            }
        }

        private static void Write(StringBuilder json, object value)
        {
            if (value == null)
            {
                json.Append("null");
            }
            else if (value is string)
            {
                WriteText(json, (string)value);
            }
            else if (value is bool)
            {
                json.Append((bool)value ? "true" : "false");
            }
            else if (value is Fields)
            {
                WriteObject(json, (Fields)value);
            }
            else if (value is IEnumerable)
            {
                WriteList(json, (IEnumerable)value);
            }
            else
            {
                json.Append(Convert.ToInt64(value, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture));
            }
        }

        private static void WriteObject(StringBuilder json, Fields fields)
        {
            string separator = "{";
            foreach (KeyValuePair<string, object> member in fields.Members)
            {
                json.Append(separator);
                WriteText(json, member.Key);
                json.Append(':');
                Write(json, member.Value);
                separator = ",";
            }
            json.Append(separator == "{" ? "{}" : "}");
        }

        private static void WriteList(StringBuilder json, IEnumerable items)
        {
            string separator = "[";
            foreach (object item in items)
            {
                json.Append(separator);
                Write(json, item);
                separator = ",";
            }
            json.Append(separator == "[" ? "[]" : "]");
        }

        private static void WriteText(StringBuilder json, string text)
        {
            json.Append('"');
            foreach (char character in text)
            {
                if (character < ' ' || character > '~' || character == '"' || character == '\\')
                {
                    json.Append("\\u").Append(((int)character).ToString("x4", CultureInfo.InvariantCulture));
                }
                else
                {
                    json.Append(character);
                }
            }
            json.Append('"');
        }
    }
}
