//! The actions, one unit type each, and the scope that permits each.

use super::{Action, Scope};

/// Read plans, meetings and renegotiations.
#[derive(Debug)]
pub struct ReadPlans;
/// Read the audit log.
#[derive(Debug)]
pub struct ReadAudit;
/// Create, rename or archive teams.
#[derive(Debug)]
pub struct ManageTeams;
/// Draft and edit a plan, its objectives and its key results.
#[derive(Debug)]
pub struct EditDraft;
/// Commit a plan.
#[derive(Debug)]
pub struct CommitPlan;
/// Close a plan.
#[derive(Debug)]
pub struct ClosePlan;
/// Record a check-in.
#[derive(Debug)]
pub struct RecordCheckIn;
/// Draft or edit a renegotiation.
#[derive(Debug)]
pub struct DraftRenegotiation;
/// Propose, withdraw or rebase a renegotiation.
#[derive(Debug)]
pub struct ProposeRenegotiation;
/// Decide a renegotiation.
#[derive(Debug)]
pub struct DecideRenegotiation;
/// Prepare and hold meetings.
#[derive(Debug)]
pub struct HoldMeetings;
/// Submit, review, decline, promote and merge ideas.
#[derive(Debug)]
pub struct KeepBacklog;
/// Post and withdraw customer requests.
#[derive(Debug)]
pub struct PostRequests;
/// Add, edit, move, ship and drop roadmap items.
#[derive(Debug)]
pub struct MoveRoadmap;
/// Import a team's history.
#[derive(Debug)]
pub struct ImportHistory;
/// Change the service's settings and revoke its tokens.
#[derive(Debug)]
pub struct Administer;
/// Erase people.
#[derive(Debug)]
pub struct ErasePeople;
/// Say where the log is told, and look at how that went.
#[derive(Debug)]
pub struct ManageWebhooks;
/// Say who reads a plan without an account, and stop it.
#[derive(Debug)]
pub struct PublishPlans;
/// Look at what a CRM sent, and have it read again.
#[derive(Debug)]
pub struct ManageHooks;

impl Action for ReadPlans {
    const SCOPE: Scope = Scope::Read;
}
impl Action for ReadAudit {
    const SCOPE: Scope = Scope::AuditRead;
}
impl Action for ManageTeams {
    const SCOPE: Scope = Scope::Admin;
}
impl Action for EditDraft {
    const SCOPE: Scope = Scope::PlansWrite;
}
impl Action for CommitPlan {
    const SCOPE: Scope = Scope::PlansWrite;
}
impl Action for ClosePlan {
    const SCOPE: Scope = Scope::PlansWrite;
}
impl Action for RecordCheckIn {
    const SCOPE: Scope = Scope::CheckInsWrite;
}
impl Action for DraftRenegotiation {
    const SCOPE: Scope = Scope::RenegotiationsDraft;
}
impl Action for ProposeRenegotiation {
    const SCOPE: Scope = Scope::RenegotiationsPropose;
}
impl Action for DecideRenegotiation {
    const SCOPE: Scope = Scope::RenegotiationsDecide;
}
impl Action for HoldMeetings {
    const SCOPE: Scope = Scope::MeetingsWrite;
}
impl Action for KeepBacklog {
    const SCOPE: Scope = Scope::IdeasWrite;
}
impl Action for PostRequests {
    const SCOPE: Scope = Scope::RequestsWrite;
}
impl Action for MoveRoadmap {
    const SCOPE: Scope = Scope::RoadmapWrite;
}
impl Action for ImportHistory {
    const SCOPE: Scope = Scope::Admin;
}
impl Action for Administer {
    const SCOPE: Scope = Scope::Admin;
}
impl Action for ErasePeople {
    const SCOPE: Scope = Scope::Admin;
}
impl Action for ManageWebhooks {
    const SCOPE: Scope = Scope::Admin;
}
impl Action for PublishPlans {
    const SCOPE: Scope = Scope::Admin;
}
impl Action for ManageHooks {
    const SCOPE: Scope = Scope::Admin;
}
