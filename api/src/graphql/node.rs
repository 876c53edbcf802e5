//! Nodes: anything with an id, found by that id alone, now or as of another time.

use std::sync::Arc;

use async_graphql::{Context, ID, Interface, Object};
use futures_util::future::try_join_all;
use holdline_domain::{
    ids,
    permission::action::{ManageHooks, ManageWebhooks, PublishPlans, ReadAudit},
    refusal::Refusal,
};
use uuid::Uuid;

use super::{
    audit::AuditEntry,
    check_in::CheckIn,
    customer_request::{self, CustomerRequest, Deal},
    decision::Decision,
    fault::Fault,
    hook_event::HookEvent,
    idea::{self, Idea},
    ids::{Pin, split_pin},
    key_result::{self, KeyResult},
    loaders::unshare,
    meeting::{self, Meeting},
    meeting_boundary::OpenQuestion,
    meeting_input::{self, MeetingInput},
    objective::{self, Objective},
    person::Person,
    plan::{self, Plan},
    plan_revision::PlanRevision,
    published_link::{self, PublishedLink},
    renegotiation::{self, Renegotiation},
    roadmap::{self, RoadmapItem},
    session::{reading, session},
    team::Team,
    webhook::{self, Webhook},
    webhook_delivery::WebhookDelivery,
};

/// Anything that has an id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Its id."))]
pub(super) enum Node {
    Team(Team),
    Plan(Plan),
    PlanRevision(PlanRevision),
    Objective(Objective),
    KeyResult(KeyResult),
    CheckIn(CheckIn),
    Renegotiation(Renegotiation),
    Decision(Decision),
    Meeting(Meeting),
    OpenQuestion(OpenQuestion),
    MeetingInput(MeetingInput),
    Idea(Idea),
    CustomerRequest(CustomerRequest),
    Deal(Deal),
    RoadmapItem(RoadmapItem),
    Person(Person),
    AuditEntry(AuditEntry),
    Webhook(Webhook),
    PublishedLink(PublishedLink),
    WebhookDelivery(WebhookDelivery),
    HookEvent(HookEvent),
}

/// What an audit entry is about.
pub(super) async fn of_subject(ctx: &Context<'_>, kind: &str, id: Option<Uuid>) -> Result<Option<Node>, Fault> {
    let Some(id) = id else { return Ok(None) };
    let prefix = match kind {
        "TEAM" => "team",
        "PLAN" => "plan",
        "OBJECTIVE" => "obj",
        "KEY_RESULT" => "kr",
        "CHECK_IN" => "checkin",
        "RENEGOTIATION" => "reneg",
        "MEETING" => "meeting",
        "MEETING_INPUT" => "input",
        "ROADMAP_ITEM" => "item",
        "IDEA" => "idea",
        "CUSTOMER_REQUEST" => "request",
        "PERSON" => "person",
        // The log says what became of it; itself it is for administrators.
        "WEBHOOK" if session(ctx).require::<ManageWebhooks>().is_ok() => "webhook",
        "PUBLISHED_LINK" if session(ctx).require::<PublishPlans>().is_ok() => "link",
        _ => return Ok(None),
    };
    lookup(ctx, prefix, id, Pin::Live).await
}

async fn lookup(ctx: &Context<'_>, prefix: &str, id: Uuid, pin: Pin) -> Result<Option<Node>, Fault> {
    match prefix {
        "plan" => Ok(plan::load(ctx, id.into()).await?.and_then(|stored| Plan::pinned(stored, pin)).map(Node::Plan)),
        "obj" => Ok(objective::lookup(ctx, id.into(), pin).await?.map(Node::Objective)),
        "kr" => Ok(key_result::lookup(ctx, id.into(), pin).await?.map(Node::KeyResult)),
        "item" => match pin {
            Pin::Live => Ok(roadmap::load(ctx, id.into(), None).await?.map(Node::RoadmapItem)),
            Pin::At(at) => Ok(roadmap::load(ctx, id.into(), Some(at)).await?.map(Node::RoadmapItem)),
            Pin::Revision(_) => Ok(None),
        },
        // Nothing else is read as of another time.
        _ if pin != Pin::Live => Ok(None),
        "team" => {
            let found = session(ctx).loader().load_one(ids::TeamId::from(id)).await.map_err(unshare)?;
            Ok(found.map(|team| Node::Team(Team(team))))
        }
        "person" => {
            let found = session(ctx).loader().load_one(ids::PersonId::from(id)).await.map_err(unshare)?;
            Ok(found.map(|person| Node::Person(Person(person))))
        }
        "checkin" => Ok(session(ctx).reader().check_in(id.into()).await?.map(|found| Node::CheckIn(CheckIn(found)))),
        "reneg" => Ok(renegotiation::load_maybe(ctx, Some(id.into())).await?.map(Node::Renegotiation)),
        "meeting" => Ok(meeting::load_maybe(ctx, Some(id.into())).await?.map(Node::Meeting)),
        "input" => Ok(meeting_input::lookup(ctx, id.into()).await?.map(Node::MeetingInput)),
        "question" => Ok(OpenQuestion::lookup(ctx, id).await?.map(Node::OpenQuestion)),
        "idea" => Ok(idea::load_maybe(ctx, Some(id.into())).await?.map(Node::Idea)),
        "request" => Ok(customer_request::load_maybe(ctx, Some(id.into())).await?.map(Node::CustomerRequest)),
        "deal" => Ok(session(ctx).reader().deal(id.into()).await?.map(|deal| Node::Deal(Deal(Arc::new(deal))))),
        "decision" => decision(ctx, id).await,
        "webhook" => Ok(webhook::load_maybe(ctx, Some(id.into())).await?.map(Node::Webhook)),
        "link" => Ok(published_link::load_maybe(ctx, Some(id.into())).await?.map(Node::PublishedLink)),
        "delivery" => delivery(ctx, id).await,
        "hook" => {
            let session = session(ctx);
            session.require::<ManageHooks>()?;
            Ok(session.reader().hook_event(id.into()).await?.map(|event| Node::HookEvent(HookEvent(event))))
        }
        "rev" => revision(ctx, id).await,
        "audit" => {
            let session = session(ctx);
            session.require::<ReadAudit>()?;
            Ok(session.reader().entry(id.into()).await?.map(|entry| Node::AuditEntry(AuditEntry(Arc::new(entry)))))
        }
        _ => Ok(None),
    }
}

async fn decision(ctx: &Context<'_>, id: Uuid) -> Result<Option<Node>, Fault> {
    let of = session(ctx).reader().renegotiation_of_decision(id).await?;
    let Some(renegotiation) = renegotiation::load_maybe(ctx, of).await? else { return Ok(None) };
    let decided = renegotiation.0.state.decision().cloned().zip(renegotiation.0.decided_at);
    Ok(decided.map(|(decision, at)| Node::Decision(Decision { decision, at })))
}

async fn delivery(ctx: &Context<'_>, id: Uuid) -> Result<Option<Node>, Fault> {
    let session = session(ctx);
    session.require::<ManageWebhooks>()?;
    Ok(session.reader().webhook_delivery(id.into()).await?.map(|found| Node::WebhookDelivery(WebhookDelivery(found))))
}

async fn revision(ctx: &Context<'_>, id: Uuid) -> Result<Option<Node>, Fault> {
    let Some(of) = session(ctx).reader().plan_of_revision(id).await? else { return Ok(None) };
    let Some(stored) = plan::load(ctx, of).await? else { return Ok(None) };
    let found = stored.revisions.iter().find(|revision| revision.id.uuid() == id).copied();
    Ok(found.map(|revision| Node::PlanRevision(PlanRevision { plan: Plan::live_now(stored), revision })))
}

const PREFIXES: [&str; 21] = [
    "idea", "request", "deal", "item", "plan", "obj", "kr", "team", "person", "checkin", "reneg", "meeting",
    "question", "input", "decision", "rev", "audit", "webhook", "delivery", "hook", "link",
];

async fn by_id(ctx: &Context<'_>, id: &ID, field: &[&str]) -> Result<Option<Node>, Fault> {
    let parsed = split_pin(id).and_then(|(live, pin)| Some((ids::split(live)?, pin)));
    if let Some((_, Pin::At(at))) = parsed {
        if session(ctx).is_future(at) {
            let message = "The id is of a time after now: the future is not recorded yet.";
            return Err(Refusal::invalid(field, message).into());
        }
        session(ctx).settle(at).await?;
    }
    match parsed {
        Some(((prefix, uuid), pin)) if PREFIXES.contains(&prefix) => lookup(ctx, prefix, uuid, pin).await,
        _ => Err(Refusal::invalid(field, "This is not an id of this API.").into()),
    }
}

/// Queries by id.
#[derive(Default)]
pub(super) struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Anything by its id; null where there is none, or where the token's teams do not include it.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id, of whatever kind.")] id: ID,
    ) -> Result<Option<Node>, Fault> {
        reading(ctx)?;
        by_id(ctx, &id, &["id"]).await
    }

    /// Several things by their ids, in the order asked for; at most 250.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ids, of whatever kind.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>, Fault> {
        reading(ctx)?;
        if ids.len() > 250 {
            return Err(Refusal::invalid(&["ids"], "At most 250 ids are looked up at once.").into());
        }
        let one = async |(place, id): (usize, &ID)| by_id(ctx, id, &["ids", &place.to_string()]).await;
        try_join_all(ids.iter().enumerate().map(one)).await
    }
}
