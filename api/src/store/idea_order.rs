//! In which order ideas are listed, and how a page of each is read.
//! Each order of a team's ideas is walked in an index, and so is each but the scores' of all teams' ideas: a page costs what
//! is walked until it is full, whatever the backlog. What few ideas have in common is sorted: a status that hardly any has,
//! and what another filter finds. The order of submission stands behind each, so that a page stays where it was while ideas
//! come in. Which ideas are asked for is in `ideas_wanted`.

use std::{borrow::Cow, fmt::Write as _};

use holdline_domain::money::Currency;
use holdline_entity::idea::Model;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use super::{
    Access, IdeaColumn, IdeasWanted, Page, PageRequest, StoredIdea,
    demand::ALL,
    filter,
    idea::read,
    ideas_wanted::{self, OF_A_TEAM},
    page, row,
};
use crate::failure::Failure;

/// An amount of nothing, as amounts are written.
const NOTHING: &str = "000000000000000000000000000000";

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

    /// Its stretches that a page lies in with the part of the page, the first to be read first. `common` says that what is
    /// asked for is what many ideas have in common.
    fn stretches(self, common: bool, page: &PageRequest<IdeaKey>) -> Vec<(Stretch, PageRequest<IdeaKey>)> {
        let currency = match self {
            Self::CreatedDesc | Self::CreatedAsc => return vec![(Stretch::Created, page.clone())],
            Self::ScoreDesc => return vec![(Stretch::Score, page.clone())],
            Self::RequestsDesc if common => return vec![(Stretch::Requests, page.clone())],
            Self::RequestsDesc => return vec![(Stretch::FoundByRequests, page.clone())],
            Self::OpenAmountDesc(currency) if common => currency,
            Self::OpenAmountDesc(currency) => return vec![(Stretch::FoundByWorth(currency), page.clone())],
        };
        let worth = |key: &IdeaKey| key.0 > 0;
        let (after, before) = (page.after, page.before);
        let mut stretches = Vec::new();
        if after.as_ref().is_none_or(worth) {
            let part = PageRequest { after, before: before.filter(worth), ..*page };
            stretches.push((Stretch::Worth(currency), part));
        }
        if !before.as_ref().is_some_and(worth) {
            let part = PageRequest { after: after.filter(|key| !worth(key)), before, ..*page };
            stretches.push((Stretch::Worthless(currency), part));
        }
        if page.backward {
            stretches.reverse();
        }
        stretches
    }
}

/// Ideas that an index holds in an order: all of them, or those above or below the others. Or ideas that a filter finds, to
/// be sorted.
#[derive(Debug, Clone, Copy)]
enum Stretch {
    Created,
    Score,
    Requests,
    /// Those worth something in open deals of a currency.
    Worth(Currency),
    /// Those worth nothing in it, which no part of the demand says.
    Worthless(Currency),
    FoundByRequests,
    FoundByWorth(Currency),
}

#[derive(FromQueryResult)]
struct Keyed {
    #[sea_orm(nested)]
    idea: Model,
    sort_key: String,
}

impl Stretch {
    /// What is walked, and a condition: the ideas, or a part of the demand as `d`, each row of which leads to its idea.
    /// `CROSS` keeps SQLite, which knows nothing about the numbers of rows, in that order. What is found has its part looked
    /// up.
    fn from(self, values: &mut Vec<Value>) -> (String, String) {
        let all = format!("d.idea_id = i.id AND d.status = '{ALL}' AND d.currency = ''");
        let mut open = |currency: Currency| {
            values.push(currency.to_string().into());
            format!("d.idea_id = i.id AND d.status = 'OPEN' AND d.currency = ${}", values.len())
        };
        let (ideas, any) = ("idea i".to_owned(), "1 = 1".to_owned());
        let walked = "idea_demand d CROSS JOIN idea i".to_owned();
        let found = |part: &str| format!("idea i LEFT JOIN idea_demand d ON {part}");
        match self {
            Self::Created | Self::Score => (ideas, any),
            Self::Requests => (walked, all),
            Self::Worth(currency) => (walked, format!("{} AND d.amount > '{NOTHING}'", open(currency))),
            Self::Worthless(currency) => {
                let part = format!("{} AND d.amount > '{NOTHING}'", open(currency));
                (ideas, format!("NOT EXISTS (SELECT 1 FROM idea_demand d WHERE {part})"))
            }
            Self::FoundByRequests => (found(&all), any),
            Self::FoundByWorth(currency) => (found(&open(currency)), any),
        }
    }

    /// Whether it walks the demand, and not the ideas.
    const fn of_demand(self) -> bool {
        matches!(self, Self::Requests | Self::Worth(_))
    }

    /// What it is sorted by before the order of submission, which is all that those worth nothing have.
    fn sort(self) -> Option<Cow<'static, str>> {
        Some(match self {
            Self::Created => "i.created_seq".into(),
            Self::Score => "i.score".into(),
            Self::Requests | Self::FoundByRequests => "d.requests".into(),
            Self::Worth(_) => "d.amount".into(),
            Self::FoundByWorth(_) => format!("COALESCE(d.amount, '{NOTHING}')").into(),
            Self::Worthless(_) => return None,
        })
    }

    fn value(self, sort: i128) -> Value {
        match self {
            Self::Worth(_) | Self::FoundByWorth(_) => format!("{sort:030}").into(),
            _ => i64::try_from(sort).unwrap_or(i64::MAX).into(),
        }
    }

    /// The rows of a page beyond a key, as a condition.
    fn beyond(self, seq: &str, sign: &str, key: IdeaKey, values: &mut Vec<Value>) -> String {
        values.push(key.1.into());
        let submitted = values.len();
        let Some(sort) = self.sort() else {
            return format!(" AND {seq} {sign} ${submitted}");
        };
        values.push(self.value(key.0));
        format!(" AND ({sort}, {seq}) {sign} (${}, ${submitted})", values.len())
    }

    async fn read(
        self,
        db: &impl ConnectionTrait,
        access: &Access,
        wanted: &IdeasWanted,
        (ascending, few): (bool, bool),
        page: &PageRequest<IdeaKey>,
    ) -> Result<Vec<Keyed>, Failure> {
        let mut values = Vec::new();
        let (table, mut conditions) = self.from(&mut values);
        if few {
            let _ = write!(conditions, " AND {OF_A_TEAM}");
        }
        let (team, seq) =
            if self.of_demand() { ("d.team_id", "d.created_seq") } else { ("i.team_id", "i.created_seq") };
        let asked = ideas_wanted::conditions(access, wanted, team, &mut values);
        let join = ideas_wanted::requests(&asked);
        // Whoever may see one team alone walks that one.
        let _ = write!(conditions, " AND {asked} AND {}", filter::seen(access, team, &mut values));
        let (after, before) = if ascending { (">", "<") } else { ("<", ">") };
        for (key, sign) in [(page.after, after), (page.before, before)] {
            conditions.extend(key.map(|key| self.beyond(seq, sign, key, &mut values)));
        }
        let direction = if ascending == page.backward { "DESC" } else { "ASC" };
        let order = |sort: &str, seq: &str| format!("{sort} {direction}, {seq} {direction}");
        let (sort, walked) = match self.sort() {
            Some(sort) => (sort.clone(), order(&sort, seq)),
            None => ("0".into(), format!("{seq} {direction}")),
        };
        // What may have to be sorted are keys; whole rows are read of those that are shown.
        let sql = format!(
            "SELECT i.*, CAST(t.sort AS TEXT) AS sort_key FROM (
               SELECT i.id AS id, {sort} AS sort, {seq} AS seq FROM {table}{join} WHERE {conditions}
               ORDER BY {walked} LIMIT {}
             ) t JOIN idea i ON i.id = t.id ORDER BY {}",
            page.limit,
            order("t.sort", "t.seq"),
        );
        row::rows(db, &sql, values).await
    }
}

/// Ideas that are asked for, in an order.
pub(super) async fn list(
    db: &impl ConnectionTrait,
    access: &Access,
    wanted: &IdeasWanted,
    order: IdeaOrder,
    request: &PageRequest<IdeaKey>,
) -> Result<Page<StoredIdea, IdeaKey>, Failure> {
    let mut rows = Vec::new();
    let mut room = request.limit + 1;
    let further = wanted.asks(&|column| !matches!(column, IdeaColumn::Team | IdeaColumn::Status));
    let few = !further && ideas_wanted::few(db, access, wanted).await?;
    for (stretch, part) in order.stretches(!further && !few, request) {
        let part = PageRequest { limit: room, ..part };
        let found = stretch.read(db, access, wanted, (order.ascending(), few), &part).await?;
        room = room.saturating_sub(found.len() as u64);
        rows.extend(found);
        if room == 0 {
            break;
        }
    }
    let key = |row: &Keyed| (row.sort_key.parse().unwrap_or_default(), row.idea.created_seq);
    page::cut(rows, request, key, |row| read(&row.idea))
}
