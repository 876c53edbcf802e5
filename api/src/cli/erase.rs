//! `holdline erase`: erasing a person in a stopped service's store, found by id or by the subject of their tokens.
//! Says who it was by id only; a running server is asked with `personErase`.

use clap::Args;
use holdline_domain::{
    actor::Teams,
    ids::PersonId,
    text::{Line, Prose},
};

use super::{Ended, output, stop::Stop, store};
use crate::{app::App, config::Settings};

const HELP: &str = "\
A person's name, subject and issuer go for good, with the salt behind their commitments in the log. Their id stays \
wherever the record has it, and the log stays as it was. The reason is kept in the log: leave the name out of it.

Out of reach: free text, which is not searched for names; digests of requests that named them under an id of the \
caller's own, which would confirm a guess and say nothing else; exports already handed out; backups and copies of the \
database; what PostgreSQL keeps of an old row until it vacuums. A token that is still good stands for a new person \
when it is used again: revoke it first (holdline token revoke).

A running server is asked instead with the mutation personErase.

Examples:
  holdline erase --subject planner@example.com --reason 'asked for it, request 17'
  holdline erase --subject planner@example.com --issuer https://sign-in.example.com --reason 'left'
  holdline erase --person person_01k… --reason 'the contact of a deal asked for it'";

/// The command.
#[derive(Args)]
#[command(after_help = HELP)]
pub(super) struct Erase {
    /// Whom: the subject of their tokens
    #[arg(long, value_parser = Line::parse, required_unless_present = "person", conflicts_with = "person")]
    subject: Option<Line>,
    /// Whose subject it is, where several issuers have the same
    #[arg(long, value_parser = Line::parse, requires = "subject")]
    issuer: Option<Line>,
    /// Whom: a person, a service or somebody named by an input, by id
    #[arg(long, value_name = "ID", value_parser = id)]
    person: Option<PersonId>,
    /// Why; it stays in the log
    #[arg(long, value_parser = Prose::parse)]
    reason: Prose,
}

impl Erase {
    pub(super) async fn run(self, settings: &Settings) -> Result<Ended, Stop> {
        let store = store::open(settings).await?;
        let person = match (self.person, &self.subject) {
            (Some(person), _) => person,
            (None, Some(subject)) => found(&store.app, subject, self.issuer.as_ref()).await?,
            (None, None) => return Err(Stop::new("Whom? Say --subject S or --person ID.")),
        };
        let operator = store.app.operator().await?;
        let gone = store.app.person_erase(&operator, person, Some(self.reason)).await?;
        output::say(&format!("The person {person} is erased."))?;
        if !gone {
            output::tell(
                "Somebody is reading this database, so its journal (the file that ends in -wal) still holds the name. \
                 It is emptied at the service's next start, or by running this store's next command once they are done.",
            );
        }
        Ok(Ended::Done)
    }
}

/// The one person of a subject.
async fn found(app: &App, subject: &Line, issuer: Option<&Line>) -> Result<PersonId, Stop> {
    let reader = app.reader(Teams::All);
    let mut people = reader.people_by_subject(subject.as_str()).await?;
    // A snapshot left open would keep the journal from being emptied.
    reader.refresh().await;
    if let Some(issuer) = issuer {
        people.retain(|person| person.issuer.as_deref() == Some(issuer.as_str()));
    }
    match people.as_slice() {
        [] => Err(Stop::new("Nobody of that subject was seen here, or they are erased already. Nothing was changed.")),
        [person] => Ok(person.id),
        several => {
            let each = several
                .iter()
                .map(|person| format!("{} of {}", person.id, person.issuer.as_deref().unwrap_or("no issuer")));
            let each = each.collect::<Vec<_>>().join(", ");
            Err(Stop::new(format!("Several issuers have that subject: {each}. Add --issuer, or say --person ID.")))
        }
    }
}

fn id(text: &str) -> Result<PersonId, &'static str> {
    PersonId::parse(text).map_err(|_| "is not the id of a person, which begins with person_")
}
