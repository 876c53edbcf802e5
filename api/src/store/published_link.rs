//! How published links are kept and found. A head row whose history is the log's; revoked ones stay, and are not found.

use holdline_domain::{
    ids::{Id, PublishedLinkId, TeamId},
    published_link::PublishedLink,
    time::Timestamp,
};
use holdline_entity::published_link::{ActiveModel, Column, Entity, Model};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
};

use super::{Access, Apply, Page, PageRequest, page, row, tx::Tx};
use crate::failure::Failure;

fn read(row: &Model) -> Result<PublishedLink, Failure> {
    Ok(PublishedLink {
        id: row.id.into(),
        team: row.team_id.into(),
        name: row::line(&row.name)?,
        revoked_at: row.revoked_at.map(row::timestamp).transpose()?,
        version: row::count(row.version)?,
    })
}

/// Those that are open, as far as a token sees them.
fn seen(access: &Access) -> Condition {
    let open = Condition::all().add(Column::RevokedAt.is_null());
    match access {
        Access::All => open,
        Access::Only(teams) => open.add(Column::TeamId.is_in(teams.iter().map(|team| team.uuid()))),
    }
}

pub(super) async fn by_id(
    db: &impl ConnectionTrait,
    access: &Access,
    id: PublishedLinkId,
) -> Result<Option<PublishedLink>, Failure> {
    Entity::find_by_id(id.uuid()).filter(seen(access)).one(db).await?.as_ref().map(read).transpose()
}

/// Links, the oldest first.
pub(super) async fn list(
    db: &impl ConnectionTrait,
    access: &Access,
    request: &PageRequest<i64>,
) -> Result<Page<PublishedLink, i64>, Failure> {
    let rows = page::by_column(db, Entity::find().filter(seen(access)), Column::CreatedSeq, request).await?;
    page::cut(rows, request, |row: &Model| row.created_seq, |row| read(&row))
}

pub(super) async fn count(db: &impl ConnectionTrait, access: &Access) -> Result<u64, Failure> {
    Ok(Entity::find().filter(seen(access)).count(db).await?)
}

impl Tx {
    /// A published link by its id.
    pub async fn published_link(&self, id: PublishedLinkId) -> Result<Option<PublishedLink>, Failure> {
        by_id(&self.db, &self.access(), id).await
    }

    /// How many links a team's plan is read under.
    pub async fn published_link_count(&self, team: TeamId) -> Result<usize, Failure> {
        let open = Entity::find().filter(seen(&Access::All)).filter(Column::TeamId.eq(team.uuid()));
        Ok(usize::try_from(open.count(&self.db).await?).unwrap_or(usize::MAX))
    }
}

impl Apply for PublishedLink {
    async fn apply(&self, tx: &Tx, seq: i64, _at: Timestamp) -> Result<(), Failure> {
        let first = self.version == 1;
        let row = ActiveModel {
            id: Set(self.id.uuid()),
            team_id: Set(Id::uuid(self.team)),
            name: Set(self.name.to_string()),
            revoked_at: Set(self.revoked_at.map(Timestamp::micros)),
            version: Set(row::stored(self.version)?),
            created_seq: if first { Set(seq) } else { NotSet },
            audit_seq: Set(seq),
        };
        if first {
            Entity::insert(row).exec_without_returning(&tx.db).await?;
            return Ok(());
        }
        let before = row::stored(self.version - 1)?;
        let update = Entity::update_many().set(row).filter(Column::Id.eq(self.id.uuid()));
        let done = update.filter(Column::Version.eq(before)).exec(&tx.db).await?;
        if done.rows_affected == 1 { Ok(()) } else { Err(Failure::internal("a published link moved under the lock")) }
    }
}
