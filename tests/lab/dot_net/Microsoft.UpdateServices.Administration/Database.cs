// Copyright (c) 2026, unblock.updates contributors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

namespace Microsoft.UpdateServices.Administration
{
    using System;
    using System.Diagnostics;
    using System.Globalization;
    using System.IO;
    using System.Reflection;
    using System.Security;
    using System.Threading;
    using System.Xml;

    /// <summary>
    /// The database of a lab host: lab\susdb.xml on the drive of the API. It is read anew for each call and replaced in
    /// one step, so that a program that is killed leaves the old state or the new one.
    /// </summary>
    /// <remarks>
    /// A fault element makes calls of one member of the API fail: the at-th one (each one, without the attribute), before
    /// or (after="true") when it has done its work; by an exception, by waiting while a file (gate="NAME") lies beside
    /// the database, or (kill="true") by the end of the process. The calls are counted in the file, so over all processes.
    /// </remarks>
    internal sealed class Database
    {
        private const int Poll = 50; // milliseconds

        private readonly string path;
        private readonly XmlDocument document = new XmlDocument();

        private Database(string path)
        {
            this.path = path;
            document.PreserveWhitespace = true;
            document.Load(path);
        }

        internal delegate T Work<T>(Database database);

        internal XmlElement Root
        {
            get { return document.DocumentElement; }
        }

        /// <summary>Does the work of a member of the API for accounts that may at least read.</summary>
        internal static T Read<T>(string member, Work<T> work)
        {
            return Call(member, UpdateServerUserRole.Reporter, work);
        }

        /// <summary>Does the work of a member of the API for administrators, and saves what it changed.</summary>
        internal static T Change<T>(string member, Work<T> work)
        {
            return Call(
                member,
                UpdateServerUserRole.Administrator,
                delegate(Database database)
                {
                    T result = work(database);
                    database.Save();
                    return result;
                });
        }

        /// <summary>Does the work of a member of the API for accounts of a role and of those above it.</summary>
        internal static T Call<T>(string member, UpdateServerUserRole role, Work<T> work)
        {
            Database database = Open();
            XmlElement fault = database.FindFault(member);
            bool after = fault != null && IsTrue(fault, "after");
            if (fault != null && !after)
            {
                database.Fail(fault);
            }
            if (database.UserRole < role)
            {
                // The type is the one of .NET's own role check; which one the real API shows is not known.
                throw new SecurityException("Request for principal permission failed.");
            }
            T result = work(database);
            if (after)
            {
                database.Fail(fault);
            }
            return result;
        }

        internal static bool IsTrue(XmlElement element, string attribute)
        {
            return element.GetAttribute(attribute) == "true";
        }

        internal UpdateServerUserRole UserRole
        {
            get
            {
                string role = Root.GetAttribute("user_role");
                return role == "" ? UpdateServerUserRole.Administrator
                    : (UpdateServerUserRole)Enum.Parse(typeof(UpdateServerUserRole), role, true);
            }
        }

        internal void RequireAutonomous()
        {
            if (IsTrue(Root, "replica"))
            {
                throw new InvalidOperationException("Cannot perform this action when the server is in replica mode");
            }
        }

        internal XmlElement FindUpdate(Guid id)
        {
            foreach (XmlElement update in Root.GetElementsByTagName("update"))
            {
                if (new Guid(update.GetAttribute("id")) == id)
                {
                    return update;
                }
            }
            throw new WsusObjectNotFoundException("The update " + id + " was not found.");
        }

        internal XmlElement FindComputer(string id)
        {
            foreach (XmlElement computer in Root.GetElementsByTagName("computer"))
            {
                if (string.Equals(computer.GetAttribute("id"), id, StringComparison.OrdinalIgnoreCase))
                {
                    return computer;
                }
            }
            throw new WsusObjectNotFoundException("The computer " + id + " was not found.");
        }

        /// <summary>The first directory above this assembly that has lab\susdb.xml: the root of its drive.</summary>
        private static Database Open()
        {
            string directory = Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location);
            for (; directory != null; directory = Path.GetDirectoryName(directory))
            {
                string path = Path.Combine(Path.Combine(directory, "lab"), "susdb.xml");
                if (File.Exists(path))
                {
                    return new Database(path);
                }
            }
            throw new WsusInvalidServerException("There is no WSUS database on this computer.");
        }

        private void Fail(XmlElement fault)
        {
            string gate = Path.Combine(Path.GetDirectoryName(path), fault.GetAttribute("gate"));
            while (File.Exists(gate)) // a folder, without the attribute
            {
                Thread.Sleep(Poll);
            }
            if (IsTrue(fault, "kill"))
            {
                Process.GetCurrentProcess().Kill();
            }
            if (fault.HasAttribute("exception"))
            {
                string name = fault.GetAttribute("exception");
                Type type = Type.GetType("System." + name) ?? Type.GetType(typeof(Database).Namespace + "." + name, true);
                throw (Exception)Activator.CreateInstance(type, fault.GetAttribute("message"));
            }
        }

        private void Save()
        {
            string next = path + ".new";
            document.Save(next);
            File.Replace(next, path, null);
        }

        private XmlElement FindFault(string member)
        {
            XmlElement due = null;
            bool counted = false;
            foreach (XmlElement fault in Root.GetElementsByTagName("fault"))
            {
                if (fault.GetAttribute("call") == member)
                {
                    string calls = fault.GetAttribute("calls");
                    int number = (calls == "" ? 0 : int.Parse(calls, CultureInfo.InvariantCulture)) + 1;
                    string text = number.ToString(CultureInfo.InvariantCulture);
                    fault.SetAttribute("calls", text);
                    counted = true;
                    string at = fault.GetAttribute("at");
                    due = due == null && (at == "" || at == text) ? fault : due;
                }
            }
            if (counted)
            {
                Save();
            }
            return due;
        }
    }
}
