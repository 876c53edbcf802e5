//! Lists of ideas by demand, walked in an index: each part of the demand names its idea's team and the entry that
//! submitted it, neither of which changes. Whoever leaves them out, as builds before this step do, has them filled in.

use sea_orm_migration::{
    MigrationTrait, async_trait,
    prelude::{DbErr, DeriveMigrationName, SchemaManager},
};

use crate::dialect::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = Dialect::new(manager).await?;
        db.column("idea_demand", "team_id UUID").await?;
        db.column("idea_demand", "created_seq MICROS").await?;
        for index in ["idea_demand_requests", "idea_demand_amount"] {
            db.run(&format!("DROP INDEX {index}")).await?;
        }
        // Each part that lacks its team, whoever wrote it.
        let place = "UPDATE idea_demand SET (team_id, created_seq) =
                       (SELECT i.team_id, i.created_seq FROM idea i WHERE i.id = idea_demand.idea_id)";
        db.run(place).await?;
        let part = "idea_id = NEW.idea_id AND status = NEW.status AND currency = NEW.currency";
        db.after_insert("idea_demand_place", "idea_demand", "NEW.team_id IS NULL", &format!("{place} WHERE {part}"))
            .await?;
        // The same order for lists of one team and for those of several.
        for (part, order) in [("ALL", "requests, created_seq"), ("OPEN", "amount, created_seq")] {
            let name = format!("idea_demand_{}", part.to_lowercase());
            for (name, columns) in [
                (format!("{name}_team"), format!("team_id, currency, {order}, idea_id")),
                (name, format!("currency, {order}, team_id, idea_id")),
            ] {
                db.run(&format!("CREATE INDEX {name} ON idea_demand ({columns}) WHERE status = '{part}'")).await?;
            }
        }
        Ok(())
    }
}
