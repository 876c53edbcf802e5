//! The API: one file per noun with its object, its queries and its mutations; `schema.graphql` is its printed form.
//! Queries read through the session's snapshot; mutations parse their input and make one call of a use case.
#![expect(clippy::unused_async, reason = "the Object macro takes no other functions")]

mod alignment;
mod audit;
mod audit_filter;
mod audit_proof;
mod audit_receipt;
mod audit_subscription;
mod backlog_loaders;
mod brief;
mod change;
mod change_input;
mod check_in;
mod chosen;
mod comparator;
mod customer_request;
mod customer_request_input;
mod customer_request_mutation;
mod decision;
mod demand;
mod disposition_input;
mod drift;
mod erasure;
mod fault;
mod feed;
mod field;
mod history;
mod hook_event;
mod idea;
mod idea_input;
mod idea_mutation;
mod idea_promotion;
mod idea_query;
mod ids;
mod input;
mod key_result;
mod key_result_change;
mod key_result_mutation;
mod loaders;
mod loading;
mod looks_back;
mod meeting;
mod meeting_boundary;
mod meeting_input;
mod meeting_input_mutation;
mod meeting_loaders;
mod meeting_mutation;
mod meeting_preparation;
mod meeting_query;
mod meeting_subscription;
mod node;
mod objective;
mod objective_change;
mod objective_mutation;
mod page;
mod person;
mod plan;
mod plan_mutation;
mod plan_preview;
mod plan_query;
mod plan_revision;
mod plan_subscription;
mod published_link;
mod quarter;
mod renegotiation;
mod renegotiation_input;
mod renegotiation_mutation;
mod renegotiation_query;
mod roadmap;
mod roadmap_loaders;
mod roadmap_mutation;
mod rule;
mod scalars;
mod search;
mod session;
mod team;
mod token;
mod user_error;
mod viewer;
mod webhook;
mod webhook_delivery;
mod webhook_loaders;
mod webhook_mutation;

use async_graphql::{Error, MergedObject, MergedSubscription, Pos, Response, SDLExportOptions};
pub use session::Session;

use crate::failure::Failure;

/// Everything that can be asked. Each field needs a token; most need the scope `read`.
#[derive(MergedObject, Default)]
pub struct Query(
    node::NodeQuery,
    viewer::ViewerQuery,
    quarter::QuarterQuery,
    team::TeamQuery,
    plan_query::PlanQuery,
    meeting_query::MeetingQuery,
    renegotiation_query::RenegotiationQuery,
    idea_query::IdeaQuery,
    search::SearchQueries,
    audit::AuditQuery,
    audit_proof::AuditProofQuery,
    rule::RuleQuery,
    webhook::WebhookQuery,
    published_link::PublishedLinkQuery,
    hook_event::HookEventQuery,
);

/// Everything that can be done. A payload with user errors changed nothing.
#[derive(MergedObject, Default)]
pub struct Mutation(
    team::TeamMutation,
    plan_mutation::PlanMutation,
    objective_mutation::ObjectiveMutation,
    key_result_mutation::KeyResultMutation,
    check_in::CheckInMutation,
    renegotiation_mutation::RenegotiationMutation,
    meeting_mutation::MeetingMutation,
    idea_mutation::IdeaMutation,
    idea_promotion::IdeaPromotion,
    customer_request_mutation::CustomerRequestMutation,
    meeting_input_mutation::MeetingInputMutation,
    roadmap_mutation::RoadmapMutation,
    token::TokenMutation,
    erasure::ErasureMutation,
    webhook_mutation::WebhookMutation,
    published_link::PublishedLinkMutation,
    hook_event::HookEventMutation,
);

/// Everything that can be followed as it happens: as a stream of events (send `Accept: text/event-stream`), or over a
/// WebSocket at `/graphql/ws` (graphql-transport-ws).
#[derive(MergedSubscription, Default)]
pub struct Subscription(
    audit_subscription::AuditSubscription,
    plan_subscription::PlanSubscription,
    meeting_subscription::MeetingSubscription,
);

/// The schema.
pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// Builds the schema; who asks and what they read come with each request.
#[must_use]
pub fn schema() -> Schema {
    // Depth, cost and aliases are counted by the gate before anything is validated.
    Schema::build(Query::default(), Mutation::default(), Subscription::default())
        .disable_suggestions()
        .limit_recursive_depth(64)
        .extension(field::EveryField)
        .finish()
}

/// The answer to a request that failed before anything of it ran.
#[must_use]
pub fn failed(failure: Failure) -> Response {
    let error = Error::from(fault::Fault::from(failure));
    Response::from_errors(vec![error.into_server_error(Pos::default())])
}

/// The printed schema.
#[must_use]
pub fn sdl() -> String {
    let options = SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items().include_specified_by();
    schema().sdl_with_options(options)
}
