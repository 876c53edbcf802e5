//! The rules of Holdline, as pure functions over values: no clock, no database, no transport.
//!
//! The promise: what was committed for a quarter changes only through a decided renegotiation. The types keep it:
//! - A [`permission::Permit`] comes only from [`actor::Actor::require`], so no transition runs without its scope.
//! - A [`change::Change`] comes only from a transition in this crate, and always with its audit entry, so the store,
//!   which applies nothing else, cannot write without one.
//! - Only a [`plan::DraftPlan`] can be edited; a [`plan::CommittedPlan`] offers no edit at all.
//! - Only a [`renegotiation::Proposed`] can be decided, and its approval is the only maker of a revision above 1.
//! - Every refusal names its rule and the way that is open instead ([`refusal`]).
//!
//! Reading order: the words (`ids`, `text`, `quantity`, `rank`, `time`), who acts (`person`, `actor`, `permission`), the
//! nouns, and what each write leaves behind (`audit`, `change`, `refusal`, `facts`).

pub mod ids;
pub mod money;
pub mod quantity;
pub mod rank;
pub mod text;
pub mod time;

pub mod actor;
pub mod permission;
pub mod person;

pub mod acknowledgement;
pub mod check_in;
pub mod commitment;
pub mod commitment_change;
pub mod customer_request;
pub mod deal;
pub mod erasure;
pub mod history;
pub mod idea;
pub mod idea_promote;
pub mod key_result;
pub mod lineage;
pub mod meeting;
pub mod meeting_boundary;
pub mod meeting_end;
pub mod meeting_input;
pub mod objective;
pub mod plan;
pub mod plan_close;
pub mod plan_commit;
pub mod plan_draft;
pub mod published_link;
pub mod renegotiation;
pub mod renegotiation_decide;
pub mod renegotiation_draft;
pub mod renegotiation_rebase;
pub mod renegotiation_request;
pub mod roadmap;
pub mod roadmap_change;
pub mod settings;
pub mod team;
pub mod webhook;

pub mod audit;
pub mod change;
pub mod facts;
pub mod refusal;
pub mod rules;

#[cfg(test)]
mod commitment_change_tests;
#[cfg(test)]
mod customer_request_tests;
#[cfg(test)]
mod erasure_tests;
#[cfg(test)]
mod history_tests;
#[cfg(test)]
mod idea_tests;
#[cfg(test)]
mod lineage_tests;
#[cfg(test)]
mod meeting_input_tests;
#[cfg(test)]
mod meeting_tests;
#[cfg(test)]
mod permission_tests;
#[cfg(test)]
mod plan_close_tests;
#[cfg(test)]
mod plan_tests;
#[cfg(test)]
mod promise_tests;
#[cfg(test)]
mod renegotiation_decide_tests;
#[cfg(test)]
mod renegotiation_draft_tests;
#[cfg(test)]
mod renegotiation_rebase_tests;
#[cfg(test)]
mod roadmap_tests;
#[cfg(test)]
mod story_tests;
#[cfg(test)]
mod team_tests;
