//! How an input states a customer request: the deal or account that asks, and the idea asked for.

use async_graphql::{ID, InputObject, OneofObject};
use holdline_domain::{
    customer_request::RequestPost,
    deal::{DealKey, DealPost, DealTerms},
    ids::CustomerRequestId,
    money::Money,
    refusal::{Refusal, Refusals},
};

use super::{
    customer_request::DealStatus,
    ids::parse,
    input::{Fields, line, line_maybe, prose_maybe, team_key},
    scalars::{CurrencyCode, Date, DateTime, Decimal},
};
use crate::{
    failure::Failure,
    service::{IdeaRef as Named, RequestUpsert},
};

/// An idea, named in one of two ways.
#[derive(OneofObject)]
pub(super) enum IdeaRef {
    /// By id; one that was merged stands for the idea that has its requests now.
    Id(ID),
    /// By what another system calls it; made where it is new.
    External(ExternalIdeaInput),
}

/// An idea as another system calls it.
#[derive(InputObject)]
pub(super) struct ExternalIdeaInput {
    /// The other system.
    system: String,
    /// The id there.
    external_id: String,
    /// What to call it where it is new; one that is there keeps its title.
    title: String,
    /// The key of the team in whose backlog it is.
    team: String,
}

/// A deal as its CRM has it: always the whole of it, since what is left out is cleared.
#[derive(InputObject)]
pub(super) struct DealInput {
    /// The CRM system, such as `hubspot`.
    system: String,
    /// The id there: posting it again updates.
    external_id: String,
    /// Where to read it there.
    url: Option<String>,
    /// The account.
    account: Option<String>,
    /// Whom to talk to, by name.
    contact: Option<String>,
    /// The stage, in the CRM's own word.
    stage: Option<String>,
    /// Where it stands.
    status: DealStatus,
    /// What it is worth.
    amount: Option<MoneyInput>,
    /// When it was opened.
    opened_on: Option<Date>,
    /// When it was closed, or is to be.
    closed_on: Option<Date>,
    /// When the CRM says it changed last. An older post never overwrites a newer one; where two are of one instant, or
    /// say none, the greater digest of the content wins, so that any order of arrival ends the same.
    source_updated_at: Option<DateTime>,
}

/// An amount of money.
#[derive(InputObject)]
pub(super) struct MoneyInput {
    /// How much: 0 or more, at most four digits after the point.
    amount: Decimal,
    /// Of which currency.
    currency: CurrencyCode,
}

/// Who asks for a new idea.
#[derive(InputObject)]
pub(super) struct CustomerRequestInput {
    /// The deal that asks.
    deal: Option<DealInput>,
    /// The account that asks, where there is no deal or it is another than the deal's.
    account: Option<String>,
    /// What they said.
    note: Option<String>,
}

/// What `customerRequestUpsert` takes.
#[derive(InputObject)]
pub(super) struct CustomerRequestUpsertInput {
    /// An id of your choice for a new request; a deal that asks for the idea already has one.
    id: Option<ID>,
    /// What is asked for.
    idea: IdeaRef,
    /// The deal that asks.
    deal: Option<DealInput>,
    /// The account that asks, where there is no deal or it is another than the deal's.
    account: Option<String>,
    /// What they said.
    note: Option<String>,
}

impl IdeaRef {
    fn parse(self) -> Result<Named, Failure> {
        match self {
            Self::Id(id) => Ok(Named::Id(parse(&id, &["id"])?)),
            Self::External(said) => {
                let mut fields = Fields::default();
                let system = fields.keep(line(&said.system, "system"));
                let external_id = fields.keep(line(&said.external_id, "externalId"));
                let title = fields.keep(line(&said.title, "title"));
                let team = fields.keep(team_key(&said.team, "team"));
                let whole = fields.finish(|| {
                    Some(Named::External { team: team?, system: system?, external_id: external_id?, title: title? })
                });
                under("external", whole)
            }
        }
    }
}

fn under<T>(field: &str, parsed: Result<T, Failure>) -> Result<T, Failure> {
    let mut fields = Fields::default();
    let whole = fields.under(&[field], parsed)?;
    fields.finish(|| whole)
}

impl MoneyInput {
    fn parse(&self) -> Result<Money, Refusal> {
        let money = Money::new(self.amount.0, self.currency.0);
        money.map_err(|why| Refusal::invalid(&["amount", "amount"], format!("The value {why}.")))
    }
}

impl DealInput {
    fn parse(self) -> Result<DealPost, Failure> {
        let mut fields = Fields::default();
        let system = fields.keep(line(&self.system, "system"));
        let external_id = fields.keep(line(&self.external_id, "externalId"));
        let url = fields.keep(named(self.url.as_deref(), "url"));
        let account = fields.keep(named(self.account.as_deref(), "account"));
        let contact = fields.keep(named(self.contact.as_deref(), "contact"));
        let stage = fields.keep(named(self.stage.as_deref(), "stage"));
        let amount = fields.keep(self.amount.map(|money| money.parse()).transpose());
        let (status, opened_on, closed_on) = (self.status.into(), self.opened_on, self.closed_on);
        fields.finish(|| {
            let key = DealKey { system: system?, external_id: external_id? };
            let (opened_on, closed_on) = (opened_on.map(|date| date.0), closed_on.map(|date| date.0));
            let terms = DealTerms {
                url: url?,
                account: account?,
                stage: stage?,
                status,
                amount: amount?,
                opened_on,
                closed_on,
            };
            let source_updated_at = self.source_updated_at.map(|at| at.0);
            Some(DealPost { key, terms, contact: contact?, source_updated_at })
        })
    }
}

/// A text that a CRM may leave empty.
fn named(text: Option<&str>, field: &str) -> Result<Option<holdline_domain::text::Line>, Refusal> {
    line_maybe(text.filter(|text| !text.trim().is_empty()), field)
}

impl CustomerRequestInput {
    pub(super) fn parse(self) -> Result<RequestPost, Failure> {
        let mut fields = Fields::default();
        let deal = fields.under(&["deal"], self.deal.map(DealInput::parse).transpose())?;
        let account = fields.keep(named(self.account.as_deref(), "account"));
        let note = fields.keep(prose_maybe(self.note.as_deref(), "note"));
        fields.finish(|| Some(RequestPost { deal: deal?, account: account?, note: note? }))
    }
}

/// Requests of a list, each refused under its place.
pub(super) fn parse_requests(said: Vec<CustomerRequestInput>) -> Result<Vec<RequestPost>, Failure> {
    let mut fields = Fields::default();
    let mut posts = Vec::with_capacity(said.len());
    for (place, request) in said.into_iter().enumerate() {
        posts.extend(fields.under(&["customerRequests", &place.to_string()], request.parse())?);
    }
    fields.finish(|| Some(posts))
}

impl CustomerRequestUpsertInput {
    pub(super) fn parse(self) -> Result<RequestUpsert, Failure> {
        let mut fields = Fields::default();
        let id: Option<Option<CustomerRequestId>> = fields.keep(self.id.map(|id| parse(&id, &["id"])).transpose());
        let idea = fields.under(&["idea"], self.idea.parse())?;
        let said = CustomerRequestInput { deal: self.deal, account: self.account, note: self.note };
        let post = fields.under(&[], said.parse())?;
        fields.finish(|| Some(RequestUpsert { id: id?, idea: idea?, post: post? }))
    }

    /// The post, or what is malformed in it.
    pub(super) fn checked(self) -> Result<Result<RequestUpsert, Refusals>, Failure> {
        match self.parse() {
            Ok(post) => Ok(Ok(post)),
            Err(Failure::Refused(refusals)) => Ok(Err(refusals)),
            Err(failure) => Err(failure),
        }
    }
}
