//! The store: the only user of SeaORM and of the entities.
//! Writes go through the [`Writer`], which applies `Change`s and nothing else; reads go through a [`Reader`], which
//! holds one snapshot. One file per noun says how it is kept and loaded.

mod access;
mod acknowledgement;
mod apply;
mod apply_draft;
mod apply_meeting;
mod apply_plan;
mod apply_renegotiation;
mod apply_roadmap;
mod audit;
mod audit_filter;
mod check_in;
mod commitment;
mod connect;
mod lineage;
mod log;
mod meeting;
mod meetings_wanted;
mod page;
mod person;
mod plan;
mod quarter;
mod reader;
mod refusals;
mod renegotiation;
mod renegotiations_wanted;
mod roadmap;
mod roadmap_course;
mod roadmap_wanted;
mod row;
mod setting;
mod team;
mod tx;
mod writer;

pub use access::Access;
pub use acknowledgement::StoredAcknowledgement;
pub use apply::Apply;
pub use audit::StoredEntry;
pub use audit_filter::{AuditColumn, AuditQuery, Bound};
pub use check_in::{Standing, StoredCheckIn};
pub use connect::{Database, DatabaseUrl};
pub use meeting::StoredMeeting;
pub use meetings_wanted::MeetingsWanted;
pub use page::{Page, PageRequest};
pub use plan::{StoredPlan, StoredRevision};
pub use reader::Reader;
pub use renegotiation::StoredRenegotiation;
pub use renegotiations_wanted::RenegotiationsWanted;
pub use roadmap_course::Crowding;
pub use roadmap_wanted::{RankKey, RoadmapList, RoadmapWanted};
pub use tx::{Receipt, Tx};
pub use writer::{Call, Writer};
