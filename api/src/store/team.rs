//! How teams are kept and found: by key or id, within what the caller's token holds.
//! A head row: its history is the log's.

use holdline_domain::{
    ids::TeamId,
    team::Team,
    text::TeamKey,
    time::{Quarter, Timestamp},
};
use holdline_entity::team::{Column, Entity, Model};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, FromQueryResult, PaginatorTrait as _,
    QueryFilter as _,
};

use super::{Access, Page, PageRequest, page, row, tx::Tx};
use crate::failure::Failure;

fn read(row: &Model) -> Result<Team, Failure> {
    Ok(Team {
        id: row.id.into(),
        key: TeamKey::parse(&row.key).map_err(|why| row::altered("team key", &why))?,
        name: row::line(&row.name)?,
        archived_at: row.archived_at.map(row::timestamp).transpose()?,
        version: row::count(row.version)?,
    })
}

pub(super) async fn by_key(db: &impl ConnectionTrait, access: &Access, key: &TeamKey) -> Result<Option<Team>, Failure> {
    let found = Entity::find().filter(Column::Key.eq(key.as_str())).one(db).await?.as_ref().map(read).transpose()?;
    Ok(found.filter(|team| access.holds(team.id)))
}

pub(super) async fn load(db: &impl ConnectionTrait, access: &Access, ids: &[TeamId]) -> Result<Vec<Team>, Failure> {
    let rows = Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.uuid()))).all(db).await?;
    let teams: Result<Vec<_>, _> = rows.iter().map(read).collect();
    Ok(teams?.into_iter().filter(|team| access.holds(team.id)).collect())
}

/// Teams in the order of their keys.
pub(super) async fn list(
    db: &impl ConnectionTrait,
    access: &Access,
    archived: bool,
    request: &PageRequest<String>,
) -> Result<Page<Team, String>, Failure> {
    let query = Entity::find().filter(seen(access, archived));
    let rows = page::by_column(db, query, Column::Key, request).await?;
    page::cut(rows, request, |row: &Model| row.key.clone(), |row| read(&row))
}

/// How many teams there are.
pub(super) async fn count(db: &impl ConnectionTrait, access: &Access, archived: bool) -> Result<i64, Failure> {
    let found = Entity::find().filter(seen(access, archived)).count(db).await?;
    Ok(i64::try_from(found).unwrap_or(i64::MAX))
}

fn seen(access: &Access, archived: bool) -> Condition {
    let mut seen = Condition::all();
    if let Access::Only(teams) = access {
        seen = seen.add(Column::Id.is_in(teams.iter().map(|team| team.uuid())));
    }
    if archived { seen } else { seen.add(Column::ArchivedAt.is_null()) }
}

#[derive(FromQueryResult)]
struct Label {
    quarter: String,
}

impl Tx {
    /// A team by its key, if the caller may see it.
    pub async fn team(&self, key: &TeamKey) -> Result<Option<Team>, Failure> {
        by_key(&self.db, &self.access(), key).await
    }

    /// A team by id, if the caller may see it.
    pub async fn team_by_id(&self, id: TeamId) -> Result<Option<Team>, Failure> {
        Ok(load(&self.db, &self.access(), &[id]).await?.pop())
    }

    /// Whether a key is taken, by whatever team.
    pub async fn team_key_taken(&self, key: &TeamKey) -> Result<bool, Failure> {
        Ok(by_key(&self.db, &Access::All, key).await?.is_some())
    }

    /// A quarter, not ended by `now`, for which the team has a committed plan with live objectives.
    pub async fn team_committed_quarter(&self, team: TeamId, now: Timestamp) -> Result<Option<Quarter>, Failure> {
        let sql = "SELECT p.quarter FROM plan p JOIN quarter q ON q.label = p.quarter
                   WHERE p.team_id = $1 AND q.ends_at > $2 AND EXISTS (
                     SELECT 1 FROM objective_version v WHERE v.plan_id = p.id AND NOT v.dropped AND NOT EXISTS (
                       SELECT 1 FROM objective_version n WHERE n.objective_id = v.objective_id AND n.number > v.number))
                   ORDER BY q.starts_at LIMIT 1";
        let found = row::rows::<Label>(&self.db, sql, [team.uuid().into(), now.micros().into()]).await?;
        found.first().map(|label| row::quarter(&label.quarter)).transpose()
    }
}
