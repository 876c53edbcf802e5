//! Which roadmap items are asked for: a list of a team's roadmap, and what serves a key result.
//! How one is put together is in `roadmap`.

use std::{
    collections::{BTreeSet, HashMap},
    fmt::Write as _,
    sync::Arc,
};

use holdline_domain::{
    ids::{KeyResultId, RoadmapItemId, TeamId},
    roadmap::{Horizon, RoadmapItem},
    time::Timestamp,
};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use uuid::Uuid;

use super::{
    Access, Page, PageRequest, page,
    roadmap::{ItemRow, items, load, source, with_served},
    row,
};
use crate::failure::Failure;

/// A list of a roadmap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RoadmapList {
    /// What is in plan, in one horizon.
    InPlan(Horizon),
    /// What is done.
    Shipped,
    /// What will not be done.
    Dropped,
}

/// Which items are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RoadmapWanted {
    /// Of this team, which was found within the caller's access.
    pub team: TeamId,
    /// On this list.
    pub list: RoadmapList,
    /// As of this instant; now where there is none.
    pub at: Option<Timestamp>,
}

/// A list's key: the rank, then the id.
pub type RankKey = (String, Uuid);

impl RoadmapWanted {
    fn listed(&self, values: &mut Vec<Value>) -> String {
        let mut sql = source(self.at, values);
        values.push(self.team.uuid().into());
        let _ = write!(sql, " WHERE i.team_id = ${}", values.len());
        match self.list {
            RoadmapList::InPlan(horizon) => {
                values.push(horizon.name().into());
                let _ = write!(sql, " AND i.status = 'IN_PLAN' AND i.horizon = ${}", values.len());
            }
            RoadmapList::Shipped => sql.push_str(" AND i.status = 'SHIPPED'"),
            RoadmapList::Dropped => sql.push_str(" AND i.status = 'DROPPED'"),
        }
        sql
    }
}

/// Items that are asked for, in the order of their ranks.
pub(super) async fn list(
    db: &impl ConnectionTrait,
    wanted: &RoadmapWanted,
    request: &PageRequest<RankKey>,
) -> Result<Page<RoadmapItem, RankKey>, Failure> {
    let mut values = Vec::new();
    let mut sql = format!("SELECT * FROM {}", wanted.listed(&mut values));
    for (key, comparison) in [(&request.after, '>'), (&request.before, '<')] {
        if let Some((rank, id)) = key {
            values.extend([rank.clone().into(), (*id).into()]);
            let (rank, id) = (values.len() - 1, values.len());
            let _ = write!(sql, " AND (i.rank_key, i.id) {comparison} (${rank}, ${id})");
        }
    }
    let direction = if request.backward { "DESC" } else { "ASC" };
    let order = format!("i.rank_key {direction}, i.id {direction}");
    let _ = write!(sql, " ORDER BY {order} LIMIT {}", request.limit + 1);
    let rows = row::rows::<ItemRow>(db, &with_served(&sql, &order), values).await?;
    page::cut(items(&rows)?, request, |item| (item.rank.to_string(), item.id.uuid()), Ok)
}

/// How many items are asked for.
pub(super) async fn count(db: &impl ConnectionTrait, wanted: &RoadmapWanted) -> Result<i64, Failure> {
    let mut values = Vec::new();
    let sql = format!("SELECT COUNT(*) AS found FROM {}", wanted.listed(&mut values));
    row::counted(db, &sql, values).await
}

/// The pairs of items that are not dropped and the key results that they serve; foreign teams' left out.
fn serving(access: &Access, key_results: &[KeyResultId], at: Option<Timestamp>, values: &mut Vec<Value>) -> String {
    let source = source(at, values);
    let marks = row::marks(values.len() + 1, key_results.len());
    values.extend(key_results.iter().map(|id| Value::from(id.uuid())));
    let mut sql = format!(
        "{source} JOIN roadmap_item_key_result s ON s.item_id = i.id AND s.version = i.content_version
         WHERE i.status <> 'DROPPED' AND s.key_result_id IN ({marks})"
    );
    if let Access::Only(teams) = access {
        let marks = row::marks(values.len() + 1, teams.len());
        let _ = if teams.is_empty() { write!(sql, " AND 1 = 0") } else { write!(sql, " AND i.team_id IN ({marks})") };
        values.extend(teams.iter().map(|team| Value::from(team.uuid())));
    }
    sql
}

#[derive(FromQueryResult)]
struct Pair {
    key_result_id: Uuid,
    id: Uuid,
}

/// A page of the items that serve each key result, in the order of their ids.
pub(super) async fn pages(
    db: &impl ConnectionTrait,
    access: &Access,
    key_results: &[KeyResultId],
    at: Option<Timestamp>,
    request: &PageRequest<Uuid>,
) -> Result<HashMap<KeyResultId, Page<Arc<RoadmapItem>, Uuid>>, Failure> {
    let mut values = Vec::new();
    let mut from = serving(access, key_results, at, &mut values);
    for (key, comparison) in [(request.after, '>'), (request.before, '<')] {
        if let Some(key) = key {
            values.push(key.into());
            let _ = write!(from, " AND i.id {comparison} ${}", values.len());
        }
    }
    let direction = if request.backward { "DESC" } else { "ASC" };
    let sql = format!(
        "SELECT key_result_id, id FROM (SELECT s.key_result_id, i.id, ROW_NUMBER() OVER (
            PARTITION BY s.key_result_id ORDER BY i.id {direction}) AS place FROM {from}) numbered
         WHERE place <= {} ORDER BY key_result_id, place",
        request.limit + 1
    );
    let pairs = row::rows::<Pair>(db, &sql, values).await?;
    // An item that serves many of them is read once, and held once.
    let ids: BTreeSet<RoadmapItemId> = pairs.iter().map(|pair| pair.id.into()).collect();
    let ids: Vec<_> = ids.into_iter().collect();
    let items = if ids.is_empty() { Vec::new() } else { load(db, access, &ids, at).await? };
    let items: HashMap<_, _> = items.into_iter().map(|item| (item.id.uuid(), Arc::new(item))).collect();
    let mut groups: HashMap<Uuid, Vec<Arc<RoadmapItem>>> = HashMap::new();
    for pair in pairs {
        groups.entry(pair.key_result_id).or_default().extend(items.get(&pair.id).cloned());
    }
    let page = |id: &KeyResultId| {
        let items = groups.remove(&id.uuid()).unwrap_or_default();
        Ok((*id, page::cut(items, request, |item| item.id.uuid(), Ok)?))
    };
    key_results.iter().map(page).collect()
}

/// How many items serve a key result.
pub(super) async fn serving_count(
    db: &impl ConnectionTrait,
    access: &Access,
    key_result: KeyResultId,
    at: Option<Timestamp>,
) -> Result<i64, Failure> {
    let mut values = Vec::new();
    let from = serving(access, &[key_result], at, &mut values);
    row::counted(db, &format!("SELECT COUNT(*) AS found FROM {from}"), values).await
}
