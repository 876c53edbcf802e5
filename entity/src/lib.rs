//! SeaORM entities, one file per table: columns and string-backed enums, nothing else.
//! What a column means and which rule guards it stands in the migration and in the domain.
#![expect(missing_docs, reason = "columns and variants are named by the domain's words, where they are documented")]

pub mod acknowledgement;
pub mod audit_entry;
pub mod check_in;
pub mod client_request;
pub mod customer_request;
pub mod deal;
pub mod decision;
pub mod idea;
pub mod idea_demand;
pub mod key_result;
pub mod key_result_draft;
pub mod key_result_version;
pub mod meeting;
pub mod meeting_agenda;
pub mod meeting_attendee;
pub mod meeting_decided;
pub mod meeting_event;
pub mod meeting_input;
pub mod meeting_input_disposition;
pub mod meeting_out_of_scope;
pub mod meeting_question;
pub mod objective;
pub mod objective_draft;
pub mod objective_version;
pub mod person;
pub mod plan;
pub mod plan_closure;
pub mod plan_draft;
pub mod plan_revision;
pub mod plan_without_final;
pub mod quarter;
pub mod refusal_count;
pub mod renegotiation;
pub mod renegotiation_author;
pub mod renegotiation_change;
pub mod renegotiation_evidence;
pub mod renegotiation_version;
pub mod revoked_token;
pub mod roadmap_item;
pub mod roadmap_item_key_result;
pub mod roadmap_item_version;
pub mod setting;
pub mod team;
