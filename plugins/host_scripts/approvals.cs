// Copyright (c) 2026, unblock.updates contributors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Asks the WSUS server on this machine through its own administration API, resets the approvals of one update, and
// removes one computer from the server's list.
//
//     approvals.exe NONCE status|reset|repair|forget API_DLL
//
// What is asked for comes over standard input, one "name=value" in a line (UTF-8), so that no title meets cmd.exe:
// status takes title or update_id, or neither; reset takes update_id, approve_as and save_wait (seconds); repair takes
// update_id, replica (whether the server was one before the reset that it ends) and save_wait; forget takes computer_id
// and computer_name. Needs answer.cs.
//
// Sources of the API's members and of what they refuse: the reference of Microsoft.UpdateServices.Administration.
namespace Unblock
{
    using System;
    using System.Collections.Generic;
    using System.Diagnostics;
    using System.Globalization;
    using System.IO;
    using System.Reflection;
    using System.Runtime.CompilerServices;
    using System.Text;
    using System.Threading;
    using Microsoft.UpdateServices.Administration;

    internal static class Program
    {
        private static string apiFolder;

        private static int Main(string[] arguments)
        {
            apiFolder = Path.GetDirectoryName(arguments[2]);
            AppDomain.CurrentDomain.AssemblyResolve += Resolve;
            return Answer.Give(arguments[0], delegate { return Run(arguments[1], ReadRequest()); });
        }

        /// <summary>Where the global assembly cache does not have the API, it lies in the folder that we were given.</summary>
        private static Assembly Resolve(object sender, ResolveEventArgs wanted)
        {
            string file = Path.Combine(apiFolder, new AssemblyName(wanted.Name).Name + ".dll");
            return File.Exists(file) ? Assembly.LoadFrom(file) : null;
        }

        private static Dictionary<string, string> ReadRequest()
        {
            Dictionary<string, string> request = new Dictionary<string, string>();
            using (StreamReader input = new StreamReader(Console.OpenStandardInput(), Encoding.UTF8))
            {
                string line;
                while ((line = input.ReadLine()) != null)
                {
                    int sign = line.IndexOf('=');
                    if (sign > 0)
                    {
                        request[line.Substring(0, sign)] = line.Substring(sign + 1);
                    }
                }
            }
            return request;
        }

        // Compiled only when it is called: before Resolve is in place, no type of the API can be loaded.
        [MethodImpl(MethodImplOptions.NoInlining)]
        private static Fields Run(string verb, Dictionary<string, string> request)
        {
            Server server = new Server();
            switch (verb)
            {
                case "status":
                    return Status(server, request);
                case "reset":
                    UpdateApprovalAction action =
                        (UpdateApprovalAction)Enum.Parse(typeof(UpdateApprovalAction), request["approve_as"]);
                    return Treat(server, request, delegate(Treatment treatment) { treatment.Reset(action); });
                case "repair":
                    bool wasReplica = request["replica"] == "true";
                    return Treat(server, request, delegate(Treatment treatment) { treatment.Repair(wasReplica); });
                case "forget":
                    return server.Forget(request["computer_id"], request["computer_name"]);
                default:
                    throw new ArgumentException("unknown verb " + verb);
            }
        }

        private static Fields Status(Server server, Dictionary<string, string> request)
        {
            List<Fields> updates = new List<Fields>();
            foreach (IUpdate update in server.Find(request))
            {
                updates.Add(server.Describe(update));
            }
            return new Fields().Set("server", server.Describe()).Set("updates", updates);
        }

        private delegate void Course(Treatment treatment);

        private static Fields Treat(Server server, Dictionary<string, string> request, Course course)
        {
            TimeSpan saveWait = TimeSpan.FromSeconds(int.Parse(request["save_wait"], CultureInfo.InvariantCulture));
            Treatment treatment = new Treatment(server, new Guid(request["update_id"]), saveWait);
            try
            {
                course(treatment);
            }
            catch (StepFailedException)
            {
                // The steps tell it, and what was restored afterwards.
            }
            return treatment.Describe();
        }
    }

    /// <summary>The WSUS server of this machine.</summary>
    internal sealed class Server
    {
        private const int MostUpdates = 20;
        private const int MostApprovals = 200;
        private const int MostServers = 500;

        private static readonly TimeSpan SavePause = TimeSpan.FromSeconds(2);

        // ComputerTargetGroupId.AllComputers; every computer is in it.
        private static readonly Guid AllComputers = new Guid("a0a08746-4dbe-4a37-9adf-9e7652c0b421");

        private readonly IUpdateServer server;

        public Server()
        {
            server = AdminProxy.GetUpdateServer();
            if (server.GetCurrentUserRole() == UpdateServerUserRole.Unauthorized)
            {
                throw new UnauthorizedAccessException("GetCurrentUserRole() is Unauthorized");
            }
            // Titles come in this language whatever that of the server is.
            server.PreferredCulture = "en";
        }

        public bool IsReplica
        {
            get { return server.GetConfiguration().IsReplicaServer; }
        }

        /// <summary>Makes the server a replica or autonomous.</summary>
        /// <param name="wait">
        /// How long that is tried: Save() throws InvalidOperationException while WSUS synchronizes, and for up to three
        /// minutes after it has saved certain settings.
        /// </param>
        public void MakeReplica(bool value, TimeSpan wait)
        {
            Stopwatch time = Stopwatch.StartNew();
            while (!TryMakeReplica(value, time.Elapsed >= wait))
            {
                Thread.Sleep(SavePause);
            }
            if (IsReplica != value)
            {
                throw new InvalidOperationException("IsReplicaServer is still " + !value + " after it was saved");
            }
        }

        private bool TryMakeReplica(bool value, bool isLastTry)
        {
            IUpdateServerConfiguration configuration = server.GetConfiguration();
            configuration.IsReplicaServer = value;
            try
            {
                configuration.Save();
                return true;
            }
            catch (InvalidOperationException)
            {
                if (isLastTry)
                {
                    throw;
                }
                return false;
            }
        }

        /// <summary>The updates that are asked for: by id, else by exact title, else none.</summary>
        public IEnumerable<IUpdate> Find(Dictionary<string, string> request)
        {
            List<IUpdate> found = new List<IUpdate>();
            if (request.ContainsKey("update_id"))
            {
                Guid id = new Guid(request["update_id"]);
                if (Has(id))
                {
                    found.Add(Get(id));
                }
            }
            else if (request.ContainsKey("title"))
            {
                UpdateScope scope = new UpdateScope();
                scope.TextIncludes = request["title"];
                scope.ApprovedStates = ApprovedStates.Any;
                foreach (IUpdate update in server.GetUpdates(scope))
                {
                    if (found.Count < MostUpdates && update.Title == request["title"])
                    {
                        found.Add(update);
                    }
                }
            }
            return found;
        }

        /// <summary>An update's latest revision as it is now.</summary>
        public IUpdate Get(Guid id)
        {
            return server.GetUpdate(new UpdateRevisionId(id));
        }

        /// <summary>Whether the catalogue holds an update.</summary>
        public bool Has(Guid id)
        {
            try
            {
                return Get(id) != null;
            }
            catch (WsusObjectNotFoundException)
            {
                return false;
            }
        }

        /// <summary>Removes a computer from the list; one that bears the id under another name is left alone.</summary>
        public Fields Forget(string id, string name)
        {
            IComputerTarget computer = FindComputer(id);
            string found = computer == null ? null : computer.FullDomainName;
            bool isMeant = string.Equals(found, name, StringComparison.OrdinalIgnoreCase);
            if (isMeant)
            {
                computer.Delete();
                if (FindComputer(id) != null)
                {
                    throw new InvalidOperationException("The computer is still there after Delete()");
                }
            }
            return new Fields().Set("found", found == null ? null : Answer.Bounded(found)).Set("removed", isMeant);
        }

        private IComputerTarget FindComputer(string id)
        {
            try
            {
                return server.GetComputerTarget(id);
            }
            catch (WsusObjectNotFoundException)
            {
                return null;
            }
        }

        public void Approve(IUpdate update, UpdateApprovalAction action)
        {
            update.Approve(action, server.GetComputerTargetGroup(AllComputers));
        }

        public Fields Describe()
        {
            IUpdateServerConfiguration configuration = server.GetConfiguration();
            List<string> downstream = new List<string>();
            foreach (IDownstreamServer child in server.GetDownstreamServers())
            {
                if (downstream.Count < MostServers)
                {
                    downstream.Add(Answer.Bounded(child.FullDomainName));
                }
            }
            return new Fields()
                .Set("version", server.Version.ToString())
                .Set("user_role", server.GetCurrentUserRole().ToString())
                .Set("is_replica", configuration.IsReplicaServer)
                .Set("sync_from_microsoft_update", configuration.SyncFromMicrosoftUpdate)
                .Set("upstream_name", Answer.Bounded(configuration.UpstreamWsusServerName))
                .Set("upstream_port", configuration.UpstreamWsusServerPortNumber)
                .Set("upstream_ssl", configuration.UpstreamWsusServerUseSsl)
                .Set("downstream", downstream);
        }

        public Fields Describe(IUpdate update)
        {
            List<Fields> approvals = new List<Fields>();
            foreach (IUpdateApproval approval in update.GetUpdateApprovals())
            {
                if (approvals.Count < MostApprovals)
                {
                    IComputerTargetGroup group = server.GetComputerTargetGroup(approval.ComputerTargetGroupId);
                    approvals.Add(
                        new Fields().Set("group", Answer.Bounded(group.Name)).Set("action", approval.Action.ToString()));
                }
            }
            return new Fields()
                .Set("id", update.Id.UpdateId.ToString())
                .Set("title", Answer.Bounded(update.Title))
                .Set("declined", update.IsDeclined)
                .Set("expired", update.PublicationState == PublicationState.Expired)
                .Set("license_required", update.RequiresLicenseAgreementAcceptance)
                .Set("approvals", approvals);
        }
    }

    internal delegate bool Deed();

    internal sealed class StepFailedException : Exception
    {
        public StepFailedException(Exception cause) : base(cause.Message, cause)
        {
        }
    }

    /// <summary>What was done, when, and what failed.</summary>
    internal sealed class Steps
    {
        private readonly List<Fields> done = new List<Fields>();

        public IEnumerable<Fields> Done
        {
            get { return done; }
        }

        /// <summary>Does one thing; it is told if it did anything or failed.</summary>
        public void Do(string name, Deed deed)
        {
            try
            {
                if (deed())
                {
                    Tell(name, null);
                }
            }
            catch (Exception error)
            {
                Tell(name, Answer.Describe(error));
                throw new StepFailedException(error);
            }
        }

        /// <summary>Does one thing after which others are to be done even if it failed.</summary>
        public void Try(string name, Deed deed)
        {
            try
            {
                Do(name, deed);
            }
            catch (StepFailedException)
            {
                // It is told, and that is all.
            }
        }

        private void Tell(string name, Fields error)
        {
            done.Add(new Fields().Set("step", name).Set("at", Answer.Now()).Set("error", error));
        }
    }

    /// <summary>Changes one update's approvals, and leaves update and server as they are to be whatever fails.</summary>
    internal sealed class Treatment
    {
        private readonly Server server;
        private readonly Guid id;
        private readonly TimeSpan saveWait;
        private readonly Steps steps = new Steps();
        private bool mayBeApproved;
        private bool mayBeAutonomous;
        private object replicaDuring;
        private Fields after;

        public Treatment(Server server, Guid id, TimeSpan saveWait)
        {
            this.server = server;
            this.id = id;
            this.saveWait = saveWait;
        }

        /// <summary>Declines the update, approves it and declines it again. A replica refuses all three.</summary>
        public void Reset(UpdateApprovalAction action)
        {
            try
            {
                steps.Do("make_autonomous", MakeAutonomous);
                steps.Do("decline", delegate { return !server.Get(id).IsDeclined && Decline(); });
                if (action == UpdateApprovalAction.Install)
                {
                    steps.Do("accept_license", AcceptLicense);
                }
                steps.Do("approve", delegate { return Approve(action); });
                steps.Do("decline_again", Decline);
            }
            finally
            {
                Restore();
            }
        }

        /// <summary>Ends what a reset began that was cut off: the update declined, the server a replica if it was.</summary>
        public void Repair(bool wasReplica)
        {
            mayBeAutonomous = wasReplica;
            try
            {
                steps.Do("read_server", delegate { return ReadServer(wasReplica); });
                steps.Do("read_update", ReadUpdate);
                if (mayBeApproved)
                {
                    steps.Do("make_autonomous", MakeAutonomous);
                }
            }
            finally
            {
                Restore();
            }
        }

        public Fields Describe()
        {
            return new Fields()
                .Set("replica_during", replicaDuring)
                .Set("steps", steps.Done)
                .Set("after", after)
                .Set("finished", Answer.Now());
        }

        private void Restore()
        {
            if (mayBeApproved)
            {
                steps.Try("decline_at_last", Decline);
            }
            if (mayBeAutonomous)
            {
                steps.Try("restore_replica", RestoreReplica);
            }
            steps.Try("read_back", ReadBack);
        }

        private bool ReadServer(bool wasReplica)
        {
            mayBeAutonomous = wasReplica && !server.IsReplica;
            return false;
        }

        private bool ReadUpdate()
        {
            mayBeApproved = server.Has(id) && !server.Get(id).IsDeclined;
            return false;
        }

        private bool MakeAutonomous()
        {
            bool isReplica = server.IsReplica;
            if (isReplica)
            {
                mayBeAutonomous = true;
                server.MakeReplica(false, saveWait);
            }
            replicaDuring = false;
            return isReplica;
        }

        private bool RestoreReplica()
        {
            if (server.IsReplica)
            {
                return false;
            }
            server.MakeReplica(true, saveWait);
            return true;
        }

        private bool Decline()
        {
            server.Get(id).Decline();
            // What an update object says of itself is as old as the object.
            if (!server.Get(id).IsDeclined)
            {
                throw new InvalidOperationException("IsDeclined is still false after Decline()");
            }
            mayBeApproved = false;
            return true;
        }

        private bool AcceptLicense()
        {
            IUpdate update = server.Get(id);
            if (!update.RequiresLicenseAgreementAcceptance)
            {
                return false;
            }
            update.AcceptLicenseAgreement();
            return true;
        }

        private bool Approve(UpdateApprovalAction action)
        {
            mayBeApproved = true;
            server.Approve(server.Get(id), action);
            if (server.Get(id).IsDeclined)
            {
                throw new InvalidOperationException("IsDeclined is still true after Approve()");
            }
            return true;
        }

        private bool ReadBack()
        {
            Fields update = server.Has(id) ? server.Describe(server.Get(id)) : null;
            after = new Fields().Set("is_replica", server.IsReplica).Set("update", update);
            return true;
        }
    }
}
