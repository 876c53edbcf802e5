//! The machine's operator: whoever runs a command on the machine itself acts without a token, under a name of its own.

use holdline_domain::{
    actor::{Actor, Teams},
    permission::Role,
    person::{Person, PersonKind},
    text::Line,
};

use super::App;
use crate::{crm::Hook, failure::Failure, service::Caller};

impl App {
    /// Whoever runs a command on the machine itself: an administrator without a token.
    pub async fn operator(&self) -> Result<Caller, Failure> {
        self.operator_as(Role::Admin, None).await
    }

    /// The machine's operator as an integration that posts for a CRM system.
    pub async fn importer(&self, system: &Line) -> Result<Caller, Failure> {
        self.operator_as(Role::Integration, Some(system.to_string())).await
    }

    /// The hook of a CRM: an integration of one system and one team.
    pub(crate) async fn hook_caller(&self, hook: &Hook) -> Result<Caller, Failure> {
        let teams = Teams::Only([hook.reading.team.clone()].into());
        let system = Some(hook.reading.system.to_string());
        self.service_as(&format!("hook:{}", hook.name), Role::Integration, teams, system).await
    }

    async fn operator_as(&self, role: Role, system: Option<String>) -> Result<Caller, Failure> {
        self.service_as("operator", role, Teams::All, system).await
    }

    async fn service_as(
        &self,
        subject: &str,
        role: Role,
        teams: Teams,
        system: Option<String>,
    ) -> Result<Caller, Failure> {
        let person = Person {
            id: self.ids.next(),
            issuer: Some(crate::auth::ISSUER.to_owned()),
            subject: Some(subject.to_owned()),
            name: Line::parse(subject).map_err(Failure::internal)?,
            kind: PersonKind::Service,
            salt: [0; 32],
            erased_at: None,
        };
        let scopes = role.scopes().iter().copied().collect();
        let token_id = if subject == "operator" { "command-line" } else { "hook" };
        let actor = Actor { person, scopes, teams, system, key_id: "none".into(), token_id: token_id.into() };
        let mut caller = Caller { actor, request_id: None, recorded: true, attempt: None };
        self.sight(&mut caller, None).await?;
        Ok(caller)
    }
}
