//! Erasure: what links an id to somebody goes, and all that the id did stays.
//! Holds when somebody can be erased. Authorship is known by id, so nobody is erased while something that they wrote
//! waits for a decision: with another id they could decide on it themselves.

use crate::{
    actor::Teams,
    audit::{AuditAction, Subject},
    change::{Change, Recording},
    facts::Facts,
    ids::PersonId,
    permission::{Permit, action::ErasePeople},
    person::Person,
    refusal::{Broken, Code, Refusal, Refusals},
    renegotiation::{Renegotiation, Status},
    text::Prose,
    time::Timestamp,
};

/// Somebody whose name, identity and salt are to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erased {
    /// Who.
    pub person: PersonId,
    /// When.
    pub at: Timestamp,
}

impl Person {
    /// Erases this person; `written` are the renegotiations of theirs that may still be undecided.
    pub fn erase(
        &self,
        permit: &Permit<ErasePeople>,
        reason: Option<Prose>,
        written: &[Renegotiation],
        now: Timestamp,
    ) -> Result<Change<Erased>, Refusals> {
        // Alone, because the others would tell of teams that the token does not hold.
        reaches_every_team(&permit.actor().teams)?;
        let mut broken = Broken::none();
        broken.when(self.erased_at.is_some(), || {
            Refusal::new(Code::Conflict, format!("The person {} is erased already.", self.id)).at(&["person"])
        });
        broken.extend(self.undecided(written, now));
        broken.when(reason.is_none(), || {
            let remedy = "State the reason, without the name: it stays in the log.";
            Refusal::new(Code::ReasonRequired, "An erasure says why.").at(&["reason"]).remedy(remedy)
        });
        broken.finish()?;
        let facts = |erased| Facts::map([("kind", Facts::text(self.kind.name())), ("erased", Facts::Bool(erased))]);
        let by = Recording::by(permit, AuditAction::PersonErased, Subject::Person(self.id));
        let by = by.reason(reason.map(|reason| reason.to_string())).before(facts(false));
        Ok(by.after(facts(true), Erased { person: self.id, at: now }))
    }

    fn undecided(&self, written: &[Renegotiation], now: Timestamp) -> Option<Refusal> {
        let open = written.iter().filter(|one| matches!(one.status(now), Status::Draft | Status::Proposed));
        let own = open.map(Renegotiation::record).filter(|record| record.authors.contains(&self.id));
        let ids: Vec<_> = own.map(|record| record.id.to_string()).collect();
        if ids.is_empty() {
            return None;
        }
        let message = format!(
            "The person {} wrote what waits for a decision: {}. Erased, they could come back under another id and \
             decide on their own words.",
            self.id,
            ids.join(", ")
        );
        let remedy = "Have each decided (renegotiationDecide) or taken back (renegotiationWithdraw), then personErase.";
        Some(Refusal::new(Code::Conflict, message).at(&["person"]).remedy(remedy))
    }
}

/// INVALID: a name is shown to every team, so a token of some teams does not take it away.
fn reaches_every_team(teams: &Teams) -> Result<(), Refusals> {
    if *teams == Teams::All {
        return Ok(());
    }
    let message = "An erasure reaches every team, and this token holds only some.";
    let remedy = "Use a token that holds all: holdline token issue --role admin --teams '*'.";
    Err(Refusal::invalid(&["person"], message).remedy(remedy).into())
}
