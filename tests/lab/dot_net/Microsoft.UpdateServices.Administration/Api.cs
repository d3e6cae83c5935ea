// Copyright (c) 2026, unblock.updates contributors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// The public face of the lab's stand-in for the administration API of WSUS 3.0: names, values and signatures are those
// of Microsoft's reference and of the API's own metadata, as far as somebody uses them.
namespace Microsoft.UpdateServices.Administration
{
    using System;
    using System.Collections;

    public enum UpdateApprovalAction
    {
        Install = 0,
        Uninstall = 1,
        NotApproved = 3,
        All = int.MaxValue
    }

    [Flags]
    public enum ApprovedStates
    {
        LatestRevisionApproved = 1,
        HasStaleUpdateApprovals = 2,
        NotApproved = 4,
        Declined = 8,
        Any = -1
    }

    public enum PublicationState
    {
        Published = 0,
        Expired = 1
    }

    public enum UpdateServerUserRole
    {
        Unauthorized = 0,
        Reporter = 1,
        Administrator = 2
    }

    public interface IUpdateServer
    {
        string Name { get; }

        string PreferredCulture { get; set; }

        Version Version { get; }

        UpdateServerUserRole GetCurrentUserRole();

        IUpdateServerConfiguration GetConfiguration();

        IUpdate GetUpdate(UpdateRevisionId updateRevisionId);

        UpdateCollection GetUpdates();

        UpdateCollection GetUpdates(UpdateScope searchScope);

        UpdateCollection SearchUpdates(string searchText);

        int GetUpdateCount(UpdateScope searchScope);

        IComputerTarget GetComputerTarget(string id);

        IComputerTargetGroup GetComputerTargetGroup(Guid id);

        DownstreamServerCollection GetDownstreamServers();
    }

    /// <summary>A copy of the settings; changes count once they are saved.</summary>
    public interface IUpdateServerConfiguration
    {
        bool IsReplicaServer { get; set; }

        bool SyncFromMicrosoftUpdate { get; set; }

        string UpstreamWsusServerName { get; set; }

        int UpstreamWsusServerPortNumber { get; set; }

        bool UpstreamWsusServerUseSsl { get; set; }

        void Save();
    }

    /// <summary>A copy of an update as it was when it was asked for, or last refreshed.</summary>
    public interface IUpdate
    {
        UpdateRevisionId Id { get; }

        string Title { get; }

        bool IsApproved { get; }

        bool IsDeclined { get; }

        bool IsLatestRevision { get; }

        bool HasLicenseAgreement { get; }

        bool RequiresLicenseAgreementAcceptance { get; }

        PublicationState PublicationState { get; }

        IUpdateApproval Approve(UpdateApprovalAction action, IComputerTargetGroup targetGroup);

        void Decline();

        void AcceptLicenseAgreement();

        void Refresh();

        UpdateApprovalCollection GetUpdateApprovals();

        UpdateApprovalCollection GetUpdateApprovals(IComputerTargetGroup targetGroup);
    }

    public interface IUpdateApproval
    {
        UpdateApprovalAction Action { get; }

        Guid ComputerTargetGroupId { get; }

        UpdateRevisionId UpdateId { get; }

        IComputerTargetGroup GetComputerTargetGroup();
    }

    public interface IComputerTarget
    {
        string Id { get; }

        string FullDomainName { get; }

        void Delete();
    }

    public interface IComputerTargetGroup
    {
        Guid Id { get; }

        string Name { get; }
    }

    public interface IDownstreamServer
    {
        string FullDomainName { get; }
    }

    public static class ComputerTargetGroupId
    {
        public static readonly Guid AllComputers = new Guid("A0A08746-4DBE-4a37-9ADF-9E7652C0B421");
        public static readonly Guid UnassignedComputers = new Guid("B73CA6ED-5727-47f3-84DE-015E03F6A88A");
    }

    public class UpdateRevisionId
    {
        private readonly Guid updateId;
        private readonly int revisionNumber;

        public UpdateRevisionId(Guid updateId)
            : this(updateId, 0)
        {
        }

        public UpdateRevisionId(Guid updateId, int revisionNumber)
        {
            this.updateId = updateId;
            this.revisionNumber = revisionNumber;
        }

        public Guid UpdateId
        {
            get { return updateId; }
        }

        public int RevisionNumber
        {
            get { return revisionNumber; }
        }
    }

    public class UpdateScope
    {
        private ApprovedStates approvedStates = ApprovedStates.Any;
        private string textIncludes = string.Empty;
        private string textNotIncludes = string.Empty;

        public ApprovedStates ApprovedStates
        {
            get { return approvedStates; }
            set { approvedStates = value; }
        }

        public string TextIncludes
        {
            get { return textIncludes; }
            set { textIncludes = value; }
        }

        public string TextNotIncludes
        {
            get { return textNotIncludes; }
            set { textNotIncludes = value; }
        }
    }

    public class UpdateCollection : CollectionBase
    {
        public IUpdate this[int index]
        {
            get { return (IUpdate)List[index]; }
        }

        public int Add(IUpdate value)
        {
            return List.Add(value);
        }
    }

    public class UpdateApprovalCollection : CollectionBase
    {
        public IUpdateApproval this[int index]
        {
            get { return (IUpdateApproval)List[index]; }
        }

        public int Add(IUpdateApproval value)
        {
            return List.Add(value);
        }
    }

    public class DownstreamServerCollection : CollectionBase
    {
        public IDownstreamServer this[int index]
        {
            get { return (IDownstreamServer)List[index]; }
        }

        public int Add(IDownstreamServer value)
        {
            return List.Add(value);
        }
    }

    public class WsusObjectNotFoundException : Exception
    {
        public WsusObjectNotFoundException(string message)
            : base(message)
        {
        }
    }

    public class WsusInvalidDataException : Exception
    {
        public WsusInvalidDataException(string message)
            : base(message)
        {
        }
    }

    public class WsusInvalidServerException : Exception
    {
        public WsusInvalidServerException(string message)
            : base(message)
        {
        }
    }

    public class WsusObjectAlreadyExistsException : Exception
    {
        public WsusObjectAlreadyExistsException(string message)
            : base(message)
        {
        }
    }
}
