// Copyright (c) 2026, unblock.updates contributors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

namespace Microsoft.UpdateServices.Administration
{
    using System;
    using System.Globalization;
    using System.Xml;

    public sealed class AdminProxy
    {
        public static IUpdateServer GetUpdateServer()
        {
            return Database.Call<IUpdateServer>(
                "GetUpdateServer", UpdateServerUserRole.Unauthorized, delegate { return new UpdateServer(); });
        }
    }

    internal sealed class UpdateServer : IUpdateServer
    {
        private string preferredCulture = "";

        public string Name
        {
            get { return Database.Read<string>("Name", delegate(Database database) { return database.Root.GetAttribute("name"); }); }
        }

        /// <summary>The language of titles; empty: that of the server.</summary>
        public string PreferredCulture
        {
            get { return preferredCulture; }
            set { preferredCulture = value; }
        }

        public Version Version
        {
            get
            {
                return Database.Read<Version>(
                    "Version", delegate(Database database) { return new Version(database.Root.GetAttribute("version")); });
            }
        }

        public UpdateServerUserRole GetCurrentUserRole()
        {
            return Database.Call<UpdateServerUserRole>(
                "GetCurrentUserRole",
                UpdateServerUserRole.Unauthorized,
                delegate(Database database) { return database.UserRole; });
        }

        public IUpdateServerConfiguration GetConfiguration()
        {
            return Database.Read<IUpdateServerConfiguration>(
                "GetConfiguration", delegate(Database database) { return new Configuration(database.Root); });
        }

        public IUpdate GetUpdate(UpdateRevisionId updateRevisionId)
        {
            return Database.Read<IUpdate>(
                "GetUpdate",
                delegate(Database database) { return new Update(this, database.FindUpdate(updateRevisionId.UpdateId)); });
        }

        public UpdateCollection GetUpdates()
        {
            return GetUpdates(new UpdateScope());
        }

        public UpdateCollection GetUpdates(UpdateScope searchScope)
        {
            return Find("GetUpdates", searchScope);
        }

        public UpdateCollection SearchUpdates(string searchText)
        {
            UpdateScope scope = new UpdateScope();
            scope.TextIncludes = searchText;
            return Find("SearchUpdates", scope);
        }

        public int GetUpdateCount(UpdateScope searchScope)
        {
            return Find("GetUpdateCount", searchScope).Count;
        }

        public IComputerTarget GetComputerTarget(string id)
        {
            return Database.Read<IComputerTarget>(
                "GetComputerTarget",
                delegate(Database database) { return new ComputerTarget(database.FindComputer(id)); });
        }

        public IComputerTargetGroup GetComputerTargetGroup(Guid id)
        {
            return Database.Read<IComputerTargetGroup>(
                "GetComputerTargetGroup", delegate(Database database) { return TargetGroup.Find(database, id); });
        }

        public DownstreamServerCollection GetDownstreamServers()
        {
            return Database.Read<DownstreamServerCollection>(
                "GetDownstreamServers",
                delegate(Database database)
                {
                    DownstreamServerCollection servers = new DownstreamServerCollection();
                    foreach (XmlElement element in database.Root.GetElementsByTagName("downstream"))
                    {
                        servers.Add(new DownstreamServer(element.GetAttribute("name")));
                    }
                    return servers;
                });
        }

        private UpdateCollection Find(string member, UpdateScope scope)
        {
            return Database.Read<UpdateCollection>(
                member,
                delegate(Database database)
                {
                    UpdateCollection found = new UpdateCollection();
                    foreach (XmlElement element in database.Root.GetElementsByTagName("update"))
                    {
                        Update update = new Update(this, element);
                        if (update.IsIn(scope))
                        {
                            found.Add(update);
                        }
                    }
                    return found;
                });
        }
    }

    internal sealed class Configuration : IUpdateServerConfiguration
    {
        private bool isReplicaServer;
        private bool syncFromMicrosoftUpdate;
        private string upstreamWsusServerName;
        private int upstreamWsusServerPortNumber;
        private bool upstreamWsusServerUseSsl;

        internal Configuration(XmlElement root)
        {
            string port = root.GetAttribute("upstream_port");
            isReplicaServer = Database.IsTrue(root, "replica");
            upstreamWsusServerName = root.GetAttribute("upstream");
            syncFromMicrosoftUpdate = upstreamWsusServerName == "";
            upstreamWsusServerPortNumber = port == "" ? 8530 : int.Parse(port, CultureInfo.InvariantCulture);
            upstreamWsusServerUseSsl = Database.IsTrue(root, "upstream_ssl");
        }

        public bool IsReplicaServer
        {
            get { return isReplicaServer; }
            set { isReplicaServer = value; }
        }

        public bool SyncFromMicrosoftUpdate
        {
            get { return syncFromMicrosoftUpdate; }
            set { syncFromMicrosoftUpdate = value; }
        }

        public string UpstreamWsusServerName
        {
            get { return upstreamWsusServerName; }
            set { upstreamWsusServerName = value; }
        }

        public int UpstreamWsusServerPortNumber
        {
            get { return upstreamWsusServerPortNumber; }
            set { upstreamWsusServerPortNumber = value; }
        }

        public bool UpstreamWsusServerUseSsl
        {
            get { return upstreamWsusServerUseSsl; }
            set { upstreamWsusServerUseSsl = value; }
        }

        public void Save()
        {
            Database.Change<object>(
                "Save",
                delegate(Database database)
                {
                    if (isReplicaServer && syncFromMicrosoftUpdate)
                    {
                        throw new InvalidOperationException("A replica server cannot synchronize from Microsoft Update.");
                    }
                    XmlElement root = database.Root;
                    root.SetAttribute("replica", isReplicaServer ? "true" : "false");
                    root.SetAttribute("upstream", syncFromMicrosoftUpdate ? "" : upstreamWsusServerName);
                    root.SetAttribute("upstream_port", upstreamWsusServerPortNumber.ToString(CultureInfo.InvariantCulture));
                    root.SetAttribute("upstream_ssl", upstreamWsusServerUseSsl ? "true" : "false");
                    return null;
                });
        }
    }

    internal sealed class ComputerTarget : IComputerTarget
    {
        private readonly string id;
        private readonly string fullDomainName;

        internal ComputerTarget(XmlElement element)
        {
            id = element.GetAttribute("id");
            fullDomainName = element.GetAttribute("name");
        }

        public string Id
        {
            get { return id; }
        }

        public string FullDomainName
        {
            get { return fullDomainName; }
        }

        public void Delete()
        {
            Database.Change<object>(
                "DeleteComputer",
                delegate(Database database)
                {
                    XmlElement computer = database.FindComputer(id);
                    computer.ParentNode.RemoveChild(computer);
                    return null;
                });
        }
    }

    internal sealed class TargetGroup : IComputerTargetGroup
    {
        private readonly Guid id;
        private readonly string name;

        private TargetGroup(Guid id, string name)
        {
            this.id = id;
            this.name = name;
        }

        public Guid Id
        {
            get { return id; }
        }

        public string Name
        {
            get { return name; }
        }

        internal static TargetGroup Find(Database database, Guid id)
        {
            if (id == ComputerTargetGroupId.AllComputers)
            {
                return new TargetGroup(id, "All Computers");
            }
            if (id == ComputerTargetGroupId.UnassignedComputers)
            {
                return new TargetGroup(id, "Unassigned Computers");
            }
            foreach (XmlElement group in database.Root.GetElementsByTagName("group"))
            {
                if (new Guid(group.GetAttribute("id")) == id)
                {
                    return new TargetGroup(id, group.GetAttribute("name"));
                }
            }
            throw new WsusObjectNotFoundException("The computer group " + id + " was not found.");
        }
    }

    internal sealed class DownstreamServer : IDownstreamServer
    {
        private readonly string fullDomainName;

        internal DownstreamServer(string fullDomainName)
        {
            this.fullDomainName = fullDomainName;
        }

        public string FullDomainName
        {
            get { return fullDomainName; }
        }
    }
}
