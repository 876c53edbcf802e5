//! Which ideas are asked for: the conditions as SQL, and the count.
//! In which order they are listed is in `idea_order`, how one idea is read in `idea`.

use std::borrow::Cow;

use sea_orm::{ConnectionTrait, DbBackend, Value};

use super::{Access, Filter, demand::ALL, filter, row};
use crate::failure::Failure;

/// Which ideas are asked for.
pub type IdeasWanted = Filter<IdeaColumn>;

/// What of an idea can be asked about.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "each is the field of its name")]
pub enum IdeaColumn {
    Team,
    Status,
    Title,
    ExternalSystem,
    ExternalId,
    RoadmapItem,
    CreatedAt,
    /// How many requests count as its demand.
    Requests,
}

impl IdeaColumn {
    fn sql(self) -> Cow<'static, str> {
        match self {
            Self::Team => "i.team_id".into(),
            Self::Status => "i.status".into(),
            Self::Title => "i.title".into(),
            Self::ExternalSystem => "i.external_system".into(),
            Self::ExternalId => "i.external_id".into(),
            Self::RoadmapItem => "i.roadmap_item_id".into(),
            Self::CreatedAt => "i.created_at".into(),
            Self::Requests => REQUESTS.into(),
        }
    }
}

/// How many requests an idea has: each idea has this part of its demand.
const REQUESTS: &str = "a.requests";

/// That an idea is asked for, where the walk has its team in a column of its own.
pub(super) fn conditions(access: &Access, wanted: &IdeasWanted, team: &str, values: &mut Vec<Value>) -> String {
    let seen = filter::seen(access, "i.team_id", values);
    let name = |column| match column {
        IdeaColumn::Team => team.to_owned().into(),
        other => IdeaColumn::sql(other),
    };
    format!("{seen} AND {}", wanted.sql(&name, values))
}

/// How many ideas are few: to read them all and sort them takes less than to pass by the others.
const FEW: i64 = 500;

/// That an idea has a team, as each has: said to SQLite so that it looks in the index that begins with the teams.
pub(super) const OF_A_TEAM: &str = "i.team_id IN (SELECT k.id FROM team k)";

/// Whether few ideas have the status that is asked for, of several teams and with nothing else asked: one team's are soon
/// walked. PostgreSQL knows by itself.
pub(super) async fn few(db: &impl ConnectionTrait, access: &Access, wanted: &IdeasWanted) -> Result<bool, Failure> {
    let one_team = matches!(access, Access::Only(teams) if teams.len() == 1)
        || wanted.fixes(&|column| matches!(column, IdeaColumn::Team));
    let by_status = wanted.asks(&|column| matches!(column, IdeaColumn::Status));
    if one_team || !by_status || db.get_database_backend() != DbBackend::Sqlite {
        return Ok(false);
    }
    let mut values = Vec::new();
    let conditions = conditions(access, wanted, "i.team_id", &mut values);
    let some = format!("SELECT 1 FROM idea i WHERE {conditions} AND {OF_A_TEAM} LIMIT {FEW}");
    Ok(row::counted(db, &format!("SELECT COUNT(*) AS found FROM ({some}) t"), values).await? < FEW)
}

/// The part of the demand that conditions ask about, to be joined to the ideas.
pub(super) fn requests(conditions: &str) -> String {
    if conditions.contains(REQUESTS) {
        return format!(" LEFT JOIN idea_demand a ON a.idea_id = i.id AND a.status = '{ALL}' AND a.currency = ''");
    }
    String::new()
}

/// How many ideas are asked for.
pub(super) async fn count(db: &impl ConnectionTrait, access: &Access, wanted: &IdeasWanted) -> Result<i64, Failure> {
    let mut values = Vec::new();
    let conditions = conditions(access, wanted, "i.team_id", &mut values);
    let join = requests(&conditions);
    row::counted(db, &format!("SELECT COUNT(*) AS found FROM idea i{join} WHERE {conditions}"), values).await
}
