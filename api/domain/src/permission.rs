//! What a caller may do: scopes, the roles that bundle them, and one unit type per action.
//! A `Permit<A>` is proof that its actor holds the scope of `A`; only `Actor::require` makes one.

use std::marker::PhantomData;

use crate::actor::Actor;

/// A right that a token carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Read plans, meetings and renegotiations.
    Read,
    /// Submit and edit ideas.
    IdeasWrite,
    /// Post customer requests.
    RequestsWrite,
    /// Move the roadmap.
    RoadmapWrite,
    /// Record check-ins.
    CheckInsWrite,
    /// Prepare and hold meetings.
    MeetingsWrite,
    /// Draft renegotiations.
    RenegotiationsDraft,
    /// Draft, commit and close plans.
    PlansWrite,
    /// Propose renegotiations.
    RenegotiationsPropose,
    /// Decide renegotiations.
    RenegotiationsDecide,
    /// Read the audit log.
    AuditRead,
    /// Export the audit log.
    AuditExport,
    /// Teams, settings, import, tokens, erasure.
    Admin,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 13] = [
        Self::Read,
        Self::IdeasWrite,
        Self::RequestsWrite,
        Self::RoadmapWrite,
        Self::CheckInsWrite,
        Self::MeetingsWrite,
        Self::RenegotiationsDraft,
        Self::PlansWrite,
        Self::RenegotiationsPropose,
        Self::RenegotiationsDecide,
        Self::AuditRead,
        Self::AuditExport,
        Self::Admin,
    ];

    /// The name in a token.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::IdeasWrite => "ideas:write",
            Self::RequestsWrite => "requests:write",
            Self::RoadmapWrite => "roadmap:write",
            Self::CheckInsWrite => "checkins:write",
            Self::MeetingsWrite => "meetings:write",
            Self::RenegotiationsDraft => "renegotiations:draft",
            Self::PlansWrite => "plans:write",
            Self::RenegotiationsPropose => "renegotiations:propose",
            Self::RenegotiationsDecide => "renegotiations:decide",
            Self::AuditRead => "audit:read",
            Self::AuditExport => "audit:export",
            Self::Admin => "admin",
        }
    }

    /// The scope of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }
}

/// A bundle of scopes with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Reads.
    Viewer,
    /// Contributes ideas, check-ins, meetings and drafts.
    Contributor,
    /// Plans and proposes.
    Planner,
    /// Decides.
    Approver,
    /// Posts from one CRM system.
    Integration,
    /// Reads and exports the record.
    Auditor,
    /// Runs the service; never plans, proposes or decides.
    Admin,
}

const CONTRIBUTOR: &[Scope] = &[
    Scope::Read,
    Scope::IdeasWrite,
    Scope::RoadmapWrite,
    Scope::CheckInsWrite,
    Scope::MeetingsWrite,
    Scope::RenegotiationsDraft,
    Scope::PlansWrite,
    Scope::RenegotiationsPropose,
    Scope::RenegotiationsDecide,
];

impl Role {
    /// Every role.
    pub const ALL: [Self; 7] =
        [Self::Viewer, Self::Contributor, Self::Planner, Self::Approver, Self::Integration, Self::Auditor, Self::Admin];

    /// The name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Contributor => "contributor",
            Self::Planner => "planner",
            Self::Approver => "approver",
            Self::Integration => "integration",
            Self::Auditor => "auditor",
            Self::Admin => "admin",
        }
    }

    /// The scopes it bundles.
    #[must_use]
    pub const fn scopes(self) -> &'static [Scope] {
        match self {
            Self::Viewer => CONTRIBUTOR.split_at(1).0,
            Self::Contributor => CONTRIBUTOR.split_at(6).0,
            Self::Planner => CONTRIBUTOR.split_at(8).0,
            Self::Approver => CONTRIBUTOR,
            Self::Integration => &[Scope::IdeasWrite, Scope::RequestsWrite],
            Self::Auditor => &[Scope::Read, Scope::AuditRead, Scope::AuditExport],
            Self::Admin => &[Scope::Read, Scope::AuditRead, Scope::Admin],
        }
    }
}

/// Something a caller can be permitted to do.
pub trait Action {
    /// The scope that permits it.
    const SCOPE: Scope;
}

/// Proof that an actor may do `A`.
///
/// Only [`Actor::require`] makes one, so a transition that asks for it cannot be reached around the check:
///
/// ```compile_fail,E0624
/// use holdline_domain::{actor::Actor, permission::{Permit, action::CommitPlan}};
/// # fn forge(actor: Actor) {
/// let forged: Permit<CommitPlan> = Permit::new(actor);
/// # }
/// ```
#[derive(Debug)]
pub struct Permit<A> {
    actor: Actor,
    action: PhantomData<A>,
}

impl<A: Action> Permit<A> {
    pub(crate) const fn new(actor: Actor) -> Self {
        Self { actor, action: PhantomData }
    }

    /// Who is permitted.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }
}

/// The caller lacks a scope; said before anything is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forbidden {
    /// The scope that is missing.
    pub missing: Scope,
}

/// The actions, one unit type each.
pub mod action;
