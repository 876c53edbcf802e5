//! A team: who commits. Its key never changes, because tokens and links hold it.
//! Holds naming and archiving; a team is never deleted.

use crate::{
    audit::{AuditAction, Subject},
    change::{Change, Recording},
    facts::Facts,
    ids::TeamId,
    permission::{Action, Permit, action::ImportHistory, action::ManageTeams},
    refusal::{Code, Refusal, Refusals},
    text::{Line, Prose, TeamKey},
    time::{Quarter, Timestamp},
};

/// A team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// Its key.
    pub key: TeamKey,
    /// Its name.
    pub name: Line,
    /// When it was archived.
    pub archived_at: Option<Timestamp>,
    /// Grows by one with each change.
    pub version: u32,
}

impl Team {
    fn facts(&self) -> Facts {
        Facts::map([
            ("key", Facts::text(&self.key)),
            ("name", Facts::text(&self.name)),
            ("archivedAt", Facts::maybe(self.archived_at)),
        ])
    }

    fn changed(self, by: Recording, before: Facts) -> Change<Self> {
        let after = self.facts();
        by.team(self.id).before(before).after(after, self)
    }

    fn made<A: Action>(permit: &Permit<A>, id: TeamId, key: TeamKey, name: Line) -> Change<Self> {
        let team = Self { id, key, name, archived_at: None, version: 1 };
        team.changed(Recording::by(permit, AuditAction::TeamCreated, Subject::Team(id)), Facts::Null)
    }

    /// A new team; `taken` says whether another has the key.
    pub fn create(
        permit: &Permit<ManageTeams>,
        id: TeamId,
        key: TeamKey,
        name: Line,
        taken: bool,
    ) -> Result<Change<Self>, Refusals> {
        if taken {
            let message = format!("A team with the key {key} exists already; keys are for ever.");
            let remedy = "Read it with team(key:), or choose another key.";
            return Err(Refusal::new(Code::Conflict, message).at(&["key"]).remedy(remedy).into());
        }
        Ok(Self::made(permit, id, key, name))
    }

    /// A team that an imported file names and that is new; its key is its name until somebody renames it.
    pub fn import(permit: &Permit<ImportHistory>, id: TeamId, key: TeamKey) -> Result<Change<Self>, Refusals> {
        let name = Line::parse(key.as_str()).map_err(|why| Refusal::invalid(&["team"], format!("The team {why}.")))?;
        Ok(Self::made(permit, id, key, name))
    }

    /// INVALID for an archived team, which plans no further quarter.
    pub fn planning(&self) -> Result<(), Refusals> {
        if self.archived_at.is_none() {
            return Ok(());
        }
        let message = format!("The team {} is archived and plans no further quarter.", self.key);
        Err(Refusal::invalid(&["team"], message).into())
    }

    /// Another name.
    pub fn rename(mut self, permit: &Permit<ManageTeams>, name: Line) -> Change<Self> {
        let before = self.facts();
        self.name = name;
        self.version += 1;
        let by = Recording::by(permit, AuditAction::TeamUpdated, Subject::Team(self.id));
        self.changed(by, before)
    }

    /// Archives it; `committed` is a plan with live objectives whose quarter has not ended.
    pub fn archive(
        mut self,
        permit: &Permit<ManageTeams>,
        reason: Option<Prose>,
        committed: Option<Quarter>,
        now: Timestamp,
    ) -> Result<Change<Self>, Refusals> {
        let mut broken = crate::refusal::Broken::none();
        broken.when(committed.is_some(), || {
            let quarter = committed.map(|quarter| quarter.to_string()).unwrap_or_default();
            let message = format!("The team {} holds a committed plan with live objectives for {quarter}.", self.key);
            Refusal::new(Code::CommitmentLocked, message)
                .remedy("Drop the objectives by a renegotiation, or wait for the quarter's end; then teamArchive.")
        });
        broken.when(reason.is_none(), || {
            Refusal::new(Code::ReasonRequired, "An archived team needs a reason.").at(&["reason"])
        });
        broken.when(self.archived_at.is_some(), || {
            Refusal::new(Code::Conflict, format!("The team {} is archived already.", self.key)).at(&["team"])
        });
        broken.finish()?;
        let before = self.facts();
        self.archived_at = Some(now);
        self.version += 1;
        let by = Recording::by(permit, AuditAction::TeamArchived, Subject::Team(self.id));
        Ok(self.changed(by.reason(reason.map(|reason| reason.to_string())), before))
    }
}
