//! How roadmap items are found: as they are, from their heads, or as of an instant, from their versions.
//! Holds the reading of rows and what a write asks about places; which items are listed is in `roadmap_wanted`.

use std::collections::BTreeSet;

use holdline_domain::{
    ids::{KeyResultId, RoadmapItemId, TeamId},
    rank::{Gap, Rank},
    roadmap::{Horizon, RoadmapContent, RoadmapItem, RoadmapStatus},
    time::Timestamp,
};
use holdline_entity::roadmap_item;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use uuid::Uuid;

use super::{Access, row, tx::Tx};
use crate::failure::Failure;

/// An item, once for each key result that it serves, or once where there is none.
#[derive(FromQueryResult)]
pub(super) struct ItemRow {
    id: Uuid,
    team_id: Uuid,
    version: i32,
    title: String,
    problem: Option<String>,
    horizon: roadmap_item::Horizon,
    status: roadmap_item::RoadmapStatus,
    rank_key: String,
    effort: Option<String>,
    reason: Option<String>,
    served: Option<Uuid>,
}

/// The items as a table: as they are, or as of an instant, which is appended to the values.
pub(super) fn source(at: Option<Timestamp>, values: &mut Vec<Value>) -> String {
    let columns = "title, problem, horizon, status, rank_key, effort, reason, content_version";
    let Some(at) = at else {
        return format!("(SELECT id, team_id, version, {columns} FROM roadmap_item) i");
    };
    values.push(at.micros().into());
    let columns = columns.replace(", ", ", v.");
    format!(
        "(SELECT v.item_id AS id, h.team_id, v.version, v.{columns}
          FROM roadmap_item h JOIN roadmap_item_version v ON v.item_id = h.id
           AND v.version = (SELECT n.version FROM roadmap_item_version n WHERE n.item_id = h.id AND n.at <= ${}
                            ORDER BY n.at DESC, n.version DESC LIMIT 1)) i",
        values.len()
    )
}

/// A statement of [`ItemRow`]s: of the items that one of [`source`] answers, which stay in the order that is named. What may
/// be long comes with the first row of each alone.
pub(super) fn with_served(items: &str, order: &str) -> String {
    let once = |column: &str| format!("CASE WHEN COALESCE(t.place, 0) = 0 THEN i.{column} END AS {column}");
    format!(
        "SELECT i.id, i.team_id, i.version, i.title, {}, i.horizon, i.status, i.rank_key, i.effort, {},
                t.key_result_id AS served
           FROM ({items}) i
           LEFT JOIN roadmap_item_key_result t ON t.item_id = i.id AND t.version = i.content_version
          ORDER BY {order}, t.place",
        once("problem"),
        once("reason")
    )
}

/// Items by id, those of foreign teams left out.
pub(super) async fn load(
    db: &impl ConnectionTrait,
    access: &Access,
    ids: &[RoadmapItemId],
    at: Option<Timestamp>,
) -> Result<Vec<RoadmapItem>, Failure> {
    let mut values = Vec::new();
    let source = source(at, &mut values);
    let sql = format!("SELECT * FROM {source} WHERE i.id IN ({})", row::marks(values.len() + 1, ids.len()));
    values.extend(ids.iter().map(|id| Value::from(id.uuid())));
    let mut rows = row::rows::<ItemRow>(db, &with_served(&sql, "i.id"), values).await?;
    rows.retain(|row| access.holds(row.team_id.into()));
    items(&rows)
}

/// Items whose rows stand together, the first place first.
pub(super) fn items(rows: &[ItemRow]) -> Result<Vec<RoadmapItem>, Failure> {
    rows.chunk_by(|one, next| one.id == next.id).map(read).collect()
}

fn read(rows: &[ItemRow]) -> Result<RoadmapItem, Failure> {
    let head = rows.first().ok_or_else(|| row::missing("roadmap item"))?;
    Ok(RoadmapItem {
        id: head.id.into(),
        team: head.team_id.into(),
        content: RoadmapContent {
            title: row::line(&head.title)?,
            problem: row::maybe(head.problem.as_ref(), row::prose)?,
            effort: row::maybe(head.effort.as_ref(), row::quantity)?,
            key_results: rows.iter().filter_map(|row| row.served).map(KeyResultId::from).collect(),
        },
        horizon: match head.horizon {
            roadmap_item::Horizon::Now => Horizon::Now,
            roadmap_item::Horizon::Next => Horizon::Next,
            roadmap_item::Horizon::Later => Horizon::Later,
        },
        status: match head.status {
            roadmap_item::RoadmapStatus::InPlan => RoadmapStatus::InPlan,
            roadmap_item::RoadmapStatus::Shipped => RoadmapStatus::Shipped,
            roadmap_item::RoadmapStatus::Dropped => {
                let reason = head.reason.as_ref().ok_or_else(|| row::missing("dropped item's reason"))?;
                RoadmapStatus::Dropped(row::prose(reason)?)
            }
        },
        rank: rank(&head.rank_key)?,
        version: row::count(head.version)?,
    })
}

fn rank(text: &str) -> Result<Rank, Failure> {
    Rank::parse(text).ok_or_else(|| row::altered("rank", "is none"))
}

#[derive(FromQueryResult)]
struct Ranked {
    rank_key: String,
}

#[derive(FromQueryResult)]
struct Named {
    id: Uuid,
    team_id: Uuid,
}

impl Tx {
    /// A roadmap item by id, if the caller may see it.
    pub async fn roadmap_item(&self, id: RoadmapItemId) -> Result<Option<RoadmapItem>, Failure> {
        Ok(load(&self.db, &self.access(), &[id], None).await?.pop())
    }

    /// The room directly behind one item, directly before another, or at the end of a horizon; `moved` is left out.
    pub async fn gap(
        &self,
        team: TeamId,
        horizon: Horizon,
        moved: Option<RoadmapItemId>,
        neighbours: (Option<&Rank>, Option<&Rank>),
    ) -> Result<Gap, Failure> {
        let (lower, upper) = match neighbours {
            (Some(after), _) => (Some(after.clone()), self.beside(team, horizon, moved, Some((after, true))).await?),
            (None, Some(before)) => {
                (self.beside(team, horizon, moved, Some((before, false))).await?, Some(before.clone()))
            }
            (None, None) => (self.beside(team, horizon, moved, None).await?, None),
        };
        Ok(Gap { lower, upper })
    }

    /// The rank that stands directly behind another, directly before it, or last of all.
    async fn beside(
        &self,
        team: TeamId,
        horizon: Horizon,
        moved: Option<RoadmapItemId>,
        of: Option<(&Rank, bool)>,
    ) -> Result<Option<Rank>, Failure> {
        let mut values: Vec<Value> = vec![team.uuid().into(), horizon.name().into()];
        let mut sql =
            "SELECT rank_key FROM roadmap_item WHERE team_id = $1 AND status = 'IN_PLAN' AND horizon = $2".to_owned();
        if let Some(moved) = moved {
            sql.push_str(" AND id <> $3");
            values.push(moved.uuid().into());
        }
        let behind = of.is_some_and(|(_, behind)| behind);
        if let Some((rank, _)) = of {
            values.push(rank.to_string().into());
            let comparison = if behind { '>' } else { '<' };
            sql = format!("{sql} AND rank_key {comparison} ${}", values.len());
        }
        let direction = if behind { "ASC" } else { "DESC" };
        self.ranked(&format!("{sql} ORDER BY rank_key {direction} LIMIT 1"), values).await
    }

    async fn ranked(&self, sql: &str, values: Vec<Value>) -> Result<Option<Rank>, Failure> {
        row::rows::<Ranked>(&self.db, sql, values).await?.first().map(|found| rank(&found.rank_key)).transpose()
    }

    /// Which of some key results there are, in a draft or in any revision, for this caller.
    pub async fn key_results_named(&self, ids: &[KeyResultId]) -> Result<BTreeSet<KeyResultId>, Failure> {
        if ids.is_empty() {
            return Ok(BTreeSet::new());
        }
        let sql = format!(
            "SELECT k.id, p.team_id FROM key_result k JOIN plan p ON p.id = k.plan_id
             WHERE k.id IN ({}) AND (EXISTS (SELECT 1 FROM key_result_version v WHERE v.key_result_id = k.id)
               OR EXISTS (SELECT 1 FROM key_result_draft d WHERE d.key_result_id = k.id))",
            row::marks(1, ids.len())
        );
        let (named, access) =
            (row::rows::<Named>(&self.db, &sql, ids.iter().map(|id| id.uuid().into())).await?, self.access());
        Ok(named.into_iter().filter(|named| access.holds(named.team_id.into())).map(|named| named.id.into()).collect())
    }
}
