//! The rights of the service's own PostgreSQL role, where another role owns the tables.
//! The service reads and inserts; it updates only what the record calls heads, drafts and statistics.

use sea_orm_migration::{
    prelude::{ConnectionTrait as _, DbErr},
    sea_orm::DatabaseConnection,
};

/// Tables whose rows the service may also change or delete.
const EDITABLE: &[&str] = &[
    "person",
    "team",
    "setting",
    "plan_draft",
    "objective_draft",
    "key_result_draft",
    "refusal_count",
    "roadmap_item",
    "idea",
    "deal",
    "customer_request",
    "idea_demand",
    "search_document",
    "idempotency_key",
    "webhook",
    "webhook_cursor",
    "webhook_delivery",
    "webhook_attempt",
    "published_link",
    "hook_event",
    "hook_deal",
];

/// Gives a role what the service needs and no more. The role must exist; its name is quoted here.
pub async fn grant_service_role(owner: &DatabaseConnection, role: &str) -> Result<(), DbErr> {
    let role = format!("\"{}\"", role.replace('"', "\"\""));
    let editable = EDITABLE.join(", ");
    owner
        .execute_unprepared(&format!(
            "DO $grant$ BEGIN
               EXECUTE format('GRANT USAGE ON SCHEMA %I TO {role}', current_schema());
               EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM {role}', current_schema());
               EXECUTE format('GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA %I TO {role}', current_schema());
               EXECUTE 'REVOKE INSERT ON seaql_migrations FROM {role}';
               EXECUTE 'GRANT UPDATE, DELETE ON {editable} TO {role}';
             END $grant$"
        ))
        .await
        .map(|_| ())
}
