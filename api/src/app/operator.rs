//! The machine's operator: whoever runs a command on the machine itself acts without a token, under a name of its own.

use holdline_domain::{
    actor::{Actor, Teams},
    permission::Role,
    person::{Person, PersonKind},
    text::Line,
};

use super::App;
use crate::{failure::Failure, service::Caller};

impl App {
    /// Whoever runs a command on the machine itself: an administrator without a token.
    pub async fn operator(&self) -> Result<Caller, Failure> {
        self.operator_as(Role::Admin, None).await
    }

    /// The machine's operator as an integration that posts for a CRM system.
    pub async fn importer(&self, system: &Line) -> Result<Caller, Failure> {
        self.operator_as(Role::Integration, Some(system.to_string())).await
    }

    async fn operator_as(&self, role: Role, system: Option<String>) -> Result<Caller, Failure> {
        let person = Person {
            id: self.ids.next(),
            issuer: Some(crate::auth::ISSUER.to_owned()),
            subject: Some("operator".to_owned()),
            name: Line::parse("operator").map_err(Failure::internal)?,
            kind: PersonKind::Service,
            salt: [0; 32],
            erased_at: None,
        };
        let scopes = role.scopes().iter().copied().collect();
        let (key_id, token_id) = ("none".into(), "command-line".into());
        let actor = Actor { person, scopes, teams: Teams::All, system, key_id, token_id };
        let mut caller = Caller { actor, request_id: None, recorded: true, attempt: None };
        self.sight(&mut caller, None).await?;
        Ok(caller)
    }
}
