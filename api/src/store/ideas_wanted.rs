//! Which ideas are asked for, and in which order: the conditions as SQL, the list and the count.
//! Each order has a key of its own, with the order of submission behind it, so that a page stays where it was while
//! ideas come in. How one idea is read is in `idea`.

use std::{borrow::Cow, fmt::Write as _};

use holdline_domain::money::Currency;
use holdline_entity::idea::Model;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use super::{Access, Filter, Page, PageRequest, StoredIdea, demand::ALL, filter, idea::read, page, row};
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

/// In which order ideas are listed; the last submitted first among equals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IdeaOrder {
    /// The last submitted first.
    CreatedDesc,
    /// The first submitted first.
    CreatedAsc,
    /// The highest score first, those without one last.
    ScoreDesc,
    /// The most requested first.
    RequestsDesc,
    /// The most worth in open deals of a currency first.
    OpenAmountDesc(Currency),
}

/// The key of an order: what it sorts by, and the entry that submitted the idea.
pub type IdeaKey = (i128, i64);

impl IdeaOrder {
    const fn ascending(self) -> bool {
        matches!(self, Self::CreatedAsc)
    }

    /// What it sorts by, as a column of texts or of whole numbers.
    const fn column(self) -> &'static str {
        match self {
            Self::CreatedDesc | Self::CreatedAsc => "i.created_seq",
            Self::ScoreDesc => "i.score",
            Self::RequestsDesc => REQUESTS,
            Self::OpenAmountDesc(_) => "COALESCE(o.amount, '000000000000000000000000000000')",
        }
    }

    fn value(self, key: i128) -> Value {
        match self {
            Self::OpenAmountDesc(_) => format!("{key:030}").into(),
            _ => i64::try_from(key).unwrap_or(i64::MAX).into(),
        }
    }
}

#[derive(FromQueryResult)]
struct Keyed {
    #[sea_orm(nested)]
    idea: Model,
    sort_key: String,
}

/// What is read, with the parts of the demand that an order or conditions ask about.
fn from(order: Option<IdeaOrder>, conditions: &str, values: &mut Vec<Value>) -> String {
    let mut sql = "FROM idea i".to_owned();
    if conditions.contains(REQUESTS) || order == Some(IdeaOrder::RequestsDesc) {
        let _ = write!(sql, " LEFT JOIN idea_demand a ON a.idea_id = i.id AND a.status = '{ALL}' AND a.currency = ''");
    }
    if let Some(IdeaOrder::OpenAmountDesc(currency)) = order {
        values.push(currency.to_string().into());
        let part = format!("o.idea_id = i.id AND o.status = 'OPEN' AND o.currency = ${}", values.len());
        let _ = write!(sql, " LEFT JOIN idea_demand o ON {part}");
    }
    sql
}

fn conditions(access: &Access, wanted: &IdeasWanted, values: &mut Vec<Value>) -> String {
    let seen = filter::seen(access, "i.team_id", values);
    format!("{seen} AND {}", wanted.sql(&IdeaColumn::sql, values))
}

/// Ideas that are asked for, in an order.
pub(super) async fn list(
    db: &impl ConnectionTrait,
    access: &Access,
    wanted: &IdeasWanted,
    order: IdeaOrder,
    request: &PageRequest<IdeaKey>,
) -> Result<Page<StoredIdea, IdeaKey>, Failure> {
    let mut values = Vec::new();
    let mut conditions = conditions(access, wanted, &mut values);
    let from = from(Some(order), &conditions, &mut values);
    let column = order.column();
    let (after, before) = if order.ascending() { (">", "<") } else { ("<", ">") };
    for (key, sign) in [(request.after, after), (request.before, before)] {
        if let Some((sort, seq)) = key {
            values.extend([order.value(sort), seq.into()]);
            let (sort, seq) = (values.len() - 1, values.len());
            let _ = write!(conditions, " AND ({column}, i.created_seq) {sign} (${sort}, ${seq})");
        }
    }
    let direction = if order.ascending() == request.backward { "DESC" } else { "ASC" };
    // What is sorted are keys; whole rows are read of those that are shown.
    let sql = format!(
        "SELECT i.*, CAST(t.sort AS TEXT) AS sort_key FROM (
           SELECT i.id AS id, {column} AS sort {from} WHERE {conditions}
           ORDER BY {column} {direction}, i.created_seq {direction} LIMIT {}
         ) t JOIN idea i ON i.id = t.id ORDER BY t.sort {direction}, i.created_seq {direction}",
        request.limit + 1
    );
    let rows = row::rows::<Keyed>(db, &sql, values).await?;
    let key = |row: &Keyed| (row.sort_key.parse().unwrap_or_default(), row.idea.created_seq);
    page::cut(rows, request, key, |row| read(&row.idea))
}

/// How many ideas are asked for.
pub(super) async fn count(db: &impl ConnectionTrait, access: &Access, wanted: &IdeasWanted) -> Result<i64, Failure> {
    let mut values = Vec::new();
    let conditions = conditions(access, wanted, &mut values);
    let from = from(None, &conditions, &mut values);
    row::counted(db, &format!("SELECT COUNT(*) AS found {from} WHERE {conditions}"), values).await
}
