//! How inputs state an idea: what it is about, what another system calls it, who asks for it.

use async_graphql::{ID, InputObject, MaybeUndefined};
use holdline_domain::{
    customer_request::RequestPost,
    idea::{External, IdeaTerms, Rating},
    refusal::Refusal,
};

use super::{
    chosen::chosen,
    customer_request_input::{CustomerRequestInput, parse_requests},
    ids::parse,
    input::{Fields, edit, expected, line, line_maybe, prose, prose_maybe, team_key},
};
use crate::{
    failure::Failure,
    service::{IdeaEdit, IdeaSubmit},
};

/// What another system calls an idea.
#[derive(InputObject)]
pub(super) struct ExternalIdentityInput {
    /// The other system.
    system: String,
    /// The id there, unique in the system and the team's backlog.
    external_id: String,
    /// Where to read it there.
    url: Option<String>,
}

/// What `ideaSubmit` takes.
#[derive(InputObject)]
pub(super) struct IdeaSubmitInput {
    /// An id of your choice; the same content again answers as before.
    id: Option<ID>,
    /// The key of the team in whose backlog it goes.
    team: String,
    /// What it is, in a line.
    title: String,
    /// What it is about.
    body: Option<String>,
    /// What another system calls it.
    external: Option<ExternalIdentityInput>,
    /// How much it would bring, from 1 to 5.
    impact: Option<i32>,
    /// How much it would take, from 1 to 5.
    effort: Option<i32>,
    /// Who asks for it; at most 100.
    customer_requests: Option<Vec<CustomerRequestInput>>,
}

/// What `ideaUpdate` takes; what is left out stays, null clears.
#[derive(InputObject)]
pub(super) struct IdeaUpdateInput {
    /// The idea.
    idea: ID,
    /// What it is, in a line.
    title: Option<String>,
    /// What it is about.
    body: MaybeUndefined<String>,
    /// What another system calls it.
    external: MaybeUndefined<ExternalIdentityInput>,
    /// How much it would bring, from 1 to 5.
    impact: MaybeUndefined<i32>,
    /// How much it would take, from 1 to 5.
    effort: MaybeUndefined<i32>,
    /// The version you saw; another one is `CONFLICT`.
    expected_version: Option<i32>,
}

fn rating(rating: i32, field: &str) -> Result<Rating, Refusal> {
    Rating::new(rating.into()).map_err(|why| Refusal::invalid(&[field], format!("The field {field} {why}.")))
}

impl ExternalIdentityInput {
    fn parse(self) -> Result<External, Refusal> {
        let at = |field: &str| ["external".to_owned(), field.to_owned()];
        let inside = |refusal: Refusal, field: &str| {
            let path = at(field);
            refusal.at(&path.iter().map(String::as_str).collect::<Vec<_>>())
        };
        Ok(External {
            system: line(&self.system, "system").map_err(|refusal| inside(refusal, "system"))?,
            external_id: line(&self.external_id, "externalId").map_err(|refusal| inside(refusal, "externalId"))?,
            url: line_maybe(self.url.as_deref(), "url").map_err(|refusal| inside(refusal, "url"))?,
        })
    }
}

/// Who asks for a new idea.
pub(super) fn asking(requests: Option<Vec<CustomerRequestInput>>) -> Result<Vec<RequestPost>, Failure> {
    let requests = requests.unwrap_or_default();
    if requests.len() > 100 {
        let message = format!("An idea is submitted with at most 100 requests, not {}.", requests.len());
        let remedy = "Post them with customerRequestsUpsert, 500 at a time.";
        return Err(Refusal::invalid(&["customerRequests"], message).remedy(remedy).into());
    }
    parse_requests(requests)
}

impl IdeaSubmitInput {
    pub(super) fn parse(self) -> Result<IdeaSubmit, Failure> {
        let mut fields = Fields::default();
        let id = fields.keep(chosen(&self, self.id.as_ref()));
        let team = fields.keep(team_key(&self.team, "team"));
        let title = fields.keep(line(&self.title, "title"));
        let body = fields.keep(prose_maybe(self.body.as_deref(), "body"));
        let external = fields.keep(self.external.map(ExternalIdentityInput::parse).transpose());
        let impact = fields.keep(self.impact.map(|impact| rating(impact, "impact")).transpose());
        let effort = fields.keep(self.effort.map(|effort| rating(effort, "effort")).transpose());
        let customer_requests = fields.under(&[], asking(self.customer_requests))?;
        fields.finish(|| {
            let terms = IdeaTerms { title: title?, body: body?, external: external?, impact: impact?, effort: effort? };
            Some(IdeaSubmit { id: id?, team: team?, terms, customer_requests: customer_requests? })
        })
    }
}

impl IdeaUpdateInput {
    pub(super) fn parse(self) -> Result<IdeaEdit, Failure> {
        let mut fields = Fields::default();
        let idea = fields.keep(parse(&self.idea, &["idea"]));
        let title = fields.keep(line_maybe(self.title.as_deref(), "title"));
        let body = fields.keep(edit(self.body, |body| prose(&body, "body")));
        let external = fields.keep(edit(self.external, ExternalIdentityInput::parse));
        let impact = fields.keep(edit(self.impact, |impact| rating(impact, "impact")));
        let effort = fields.keep(edit(self.effort, |effort| rating(effort, "effort")));
        let expected = fields.keep(expected(self.expected_version));
        fields.finish(|| {
            Some(IdeaEdit {
                idea: idea?,
                title: title?,
                body: body?,
                external: external?,
                impact: impact?,
                effort: effort?,
                expected: expected?,
            })
        })
    }
}
