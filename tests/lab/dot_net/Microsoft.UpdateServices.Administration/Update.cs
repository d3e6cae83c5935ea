// Copyright (c) 2026, unblock.updates contributors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

namespace Microsoft.UpdateServices.Administration
{
    using System;
    using System.Collections.Generic;
    using System.Xml;

    internal sealed class Update : IUpdate
    {
        /// <summary>The update whose approvals advisory 954960 is about.</summary>
        private const string Troublesome = "Office 2003 Service Pack 1";

        private readonly UpdateServer server;
        private readonly UpdateRevisionId id;
        private string title;
        private string originalTitle;
        private bool isApproved;
        private bool isDeclined;
        private bool requiresLicense;
        private bool hasLicense;
        private bool isExpired;

        internal Update(UpdateServer server, XmlElement element)
        {
            this.server = server;
            id = new UpdateRevisionId(new Guid(element.GetAttribute("id")), 1);
            Take(element);
        }

        public UpdateRevisionId Id
        {
            get { return id; }
        }

        public string Title
        {
            get { return title; }
        }

        public bool IsApproved
        {
            get { return isApproved; }
        }

        public bool IsDeclined
        {
            get { return isDeclined; }
        }

        public bool IsLatestRevision
        {
            get { return true; }
        }

        public bool HasLicenseAgreement
        {
            get { return hasLicense; }
        }

        public bool RequiresLicenseAgreementAcceptance
        {
            get { return requiresLicense; }
        }

        public PublicationState PublicationState
        {
            get { return isExpired ? PublicationState.Expired : PublicationState.Published; }
        }

        public void Refresh()
        {
            Database.Read<object>(
                "Refresh",
                delegate(Database database)
                {
                    Take(database.FindUpdate(id.UpdateId));
                    return null;
                });
        }

        public IUpdateApproval Approve(UpdateApprovalAction action, IComputerTargetGroup targetGroup)
        {
            return Database.Change<IUpdateApproval>(
                "Approve",
                delegate(Database database)
                {
                    XmlElement element = database.FindUpdate(id.UpdateId);
                    database.RequireAutonomous();
                    RequireApprovable(element, action);
                    XmlElement approval = FindApproval(element, targetGroup.Id);
                    if (approval == null)
                    {
                        approval = element.OwnerDocument.CreateElement("approval");
                        approval.SetAttribute("group", targetGroup.Id.ToString());
                        element.AppendChild(approval);
                    }
                    approval.SetAttribute("action", action.ToString());
                    element.SetAttribute("approved_when_declined", Database.IsTrue(element, "declined") ? "true" : "false");
                    element.SetAttribute("declined", "false");
                    return new Approval(server, id, approval);
                });
        }

        public void Decline()
        {
            Database.Change<object>(
                "Decline",
                delegate(Database database)
                {
                    XmlElement element = database.FindUpdate(id.UpdateId);
                    database.RequireAutonomous();
                    foreach (XmlElement approval in Approvals(element))
                    {
                        element.RemoveChild(approval);
                    }
                    if (originalTitle == Troublesome && Database.IsTrue(element, "approved_when_declined"))
                    {
                        database.Root.SetAttribute("consistent", "true");
                    }
                    element.RemoveAttribute("approved_when_declined");
                    element.SetAttribute("declined", "true");
                    return null;
                });
        }

        public void AcceptLicenseAgreement()
        {
            Database.Change<object>(
                "AcceptLicenseAgreement",
                delegate(Database database)
                {
                    XmlElement element = database.FindUpdate(id.UpdateId);
                    database.RequireAutonomous();
                    element.SetAttribute("license_required", "false");
                    return null;
                });
        }

        public UpdateApprovalCollection GetUpdateApprovals()
        {
            return FindApprovals(null);
        }

        public UpdateApprovalCollection GetUpdateApprovals(IComputerTargetGroup targetGroup)
        {
            return FindApprovals(targetGroup);
        }

        internal bool IsIn(UpdateScope scope)
        {
            ApprovedStates state = isDeclined ? ApprovedStates.Declined
                : isApproved ? ApprovedStates.LatestRevisionApproved
                : ApprovedStates.NotApproved;
            return (scope.ApprovedStates & state) != 0
                && Contains(scope.TextIncludes)
                && (string.IsNullOrEmpty(scope.TextNotIncludes) || !Contains(scope.TextNotIncludes));
        }

        private static void RequireApprovable(XmlElement element, UpdateApprovalAction action)
        {
            if (action == UpdateApprovalAction.All)
            {
                throw new ArgumentOutOfRangeException("action");
            }
            if (Database.IsTrue(element, "license_required"))
            {
                throw new InvalidOperationException("The license agreement of the update has not been accepted.");
            }
            if (Database.IsTrue(element, "expired") && action != UpdateApprovalAction.Uninstall)
            {
                throw new InvalidOperationException("An expired update can only be approved for removal.");
            }
        }

        private static List<XmlElement> Approvals(XmlElement element)
        {
            List<XmlElement> approvals = new List<XmlElement>();
            foreach (XmlElement approval in element.GetElementsByTagName("approval"))
            {
                approvals.Add(approval);
            }
            return approvals;
        }

        private static XmlElement FindApproval(XmlElement element, Guid group)
        {
            return Approvals(element).Find(
                delegate(XmlElement approval) { return new Guid(approval.GetAttribute("group")) == group; });
        }

        private bool Contains(string text)
        {
            return title.IndexOf(text, StringComparison.OrdinalIgnoreCase) >= 0;
        }

        private UpdateApprovalCollection FindApprovals(IComputerTargetGroup group)
        {
            return Database.Read<UpdateApprovalCollection>(
                "GetUpdateApprovals",
                delegate(Database database)
                {
                    UpdateApprovalCollection found = new UpdateApprovalCollection();
                    foreach (XmlElement element in Approvals(database.FindUpdate(id.UpdateId)))
                    {
                        Approval approval = new Approval(server, id, element);
                        if (group == null || approval.ComputerTargetGroupId == group.Id)
                        {
                            found.Add(approval);
                        }
                    }
                    return found;
                });
        }

        private void Take(XmlElement element)
        {
            originalTitle = element.GetAttribute("title");
            string culture = server.PreferredCulture;
            if (culture == "")
            {
                culture = element.OwnerDocument.DocumentElement.GetAttribute("culture");
            }
            bool isLocal = culture != "" && culture != "en" && element.HasAttribute("local_title");
            title = isLocal ? element.GetAttribute("local_title") : originalTitle;
            isDeclined = Database.IsTrue(element, "declined");
            isExpired = Database.IsTrue(element, "expired");
            requiresLicense = Database.IsTrue(element, "license_required");
            hasLicense = element.HasAttribute("license_required");
            isApproved = Approvals(element).Exists(
                delegate(XmlElement approval) { return approval.GetAttribute("action") != "NotApproved"; });
        }
    }

    internal sealed class Approval : IUpdateApproval
    {
        private readonly UpdateServer server;
        private readonly UpdateRevisionId updateId;
        private readonly UpdateApprovalAction action;
        private readonly Guid group;

        internal Approval(UpdateServer server, UpdateRevisionId updateId, XmlElement element)
        {
            this.server = server;
            this.updateId = updateId;
            action = (UpdateApprovalAction)Enum.Parse(typeof(UpdateApprovalAction), element.GetAttribute("action"));
            group = new Guid(element.GetAttribute("group"));
        }

        public UpdateApprovalAction Action
        {
            get { return action; }
        }

        public Guid ComputerTargetGroupId
        {
            get { return group; }
        }

        public UpdateRevisionId UpdateId
        {
            get { return updateId; }
        }

        public IComputerTargetGroup GetComputerTargetGroup()
        {
            return server.GetComputerTargetGroup(group);
        }
    }
}
