//! The search index: the words of what people write, kept beside it and found by their beginnings.
//! Words are folded here (case, accents, signs), so that both databases index and find the same ones; nothing of a
//! query but such words reaches the database's own query language.

use std::fmt::Write as _;

use holdline_domain::{
    idea::Idea,
    ids::{Id, Kind, TeamId},
    roadmap::RoadmapItem,
    text::Prose,
};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Value};
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};
use uuid::Uuid;

use super::{Access, filter, row, tx::Tx};
use crate::failure::Failure;

/// How many hits a search finds at most: the best.
const MOST: usize = 250;
/// How many words of a query count, and how many characters of a word.
const WORDS: usize = 12;
const LETTERS: usize = 40;

/// What kind of thing was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the noun of its name")]
pub enum SearchKind {
    Idea,
    RoadmapItem,
}

impl SearchKind {
    /// The name in the index.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Idea => "IDEA",
            Self::RoadmapItem => "ROADMAP_ITEM",
        }
    }
}

/// What the index knows about a thing.
pub(super) struct Document {
    kind: SearchKind,
    subject: Uuid,
    team: TeamId,
    title: String,
    body: String,
}

impl Document {
    pub(super) fn new<K: Kind>(
        kind: SearchKind,
        subject: Id<K>,
        team: TeamId,
        title: &str,
        body: Option<&str>,
    ) -> Self {
        Self { kind, subject: subject.uuid(), team, title: folded(title), body: folded(body.unwrap_or_default()) }
    }

    pub(super) fn of_idea(idea: &Idea) -> Self {
        let body = idea.terms.body.as_ref().map(Prose::as_str);
        Self::new(SearchKind::Idea, idea.id, idea.team, idea.terms.title.as_str(), body)
    }

    pub(super) fn of_item(item: &RoadmapItem) -> Self {
        let problem = item.content.problem.as_ref().map(Prose::as_str);
        Self::new(SearchKind::RoadmapItem, item.id, item.team, item.content.title.as_str(), problem)
    }
}

/// Words in lower case, without accents and signs, one blank between them.
fn folded(text: &str) -> String {
    let bare = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    let spaced: String = bare.map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words of a query.
fn words(text: &str) -> Vec<String> {
    let folded = folded(text);
    let mut words: Vec<String> =
        folded.split(' ').filter(|word| !word.is_empty()).map(|word| word.chars().take(LETTERS).collect()).collect();
    words.truncate(WORDS);
    words
}

/// Puts a document into the index, in place of what was there.
pub(super) async fn put(tx: &Tx, document: &Document) -> Result<(), Failure> {
    let sql = "INSERT INTO search_document (kind, subject_id, team_id, title, body) VALUES ($1, $2, $3, $4, $5)
               ON CONFLICT (subject_id) DO UPDATE SET title = excluded.title, body = excluded.body";
    let values: [Value; 5] = [
        document.kind.name().into(),
        document.subject.into(),
        document.team.uuid().into(),
        document.title.clone().into(),
        document.body.clone().into(),
    ];
    row::run(&tx.db, sql, values).await
}

/// What is searched for.
#[derive(Debug, Clone)]
pub struct SearchQuery {
    /// The words.
    pub text: String,
    /// Only in this team.
    pub team: Option<TeamId>,
    /// Only these kinds.
    pub kinds: Vec<SearchKind>,
    /// Whether one of the words is enough.
    pub any: bool,
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// What kind of thing it is.
    pub kind: SearchKind,
    /// Its id.
    pub subject: Uuid,
}

#[derive(FromQueryResult)]
struct HitRow {
    kind: String,
    subject_id: Uuid,
}

/// The best hits, the best first; those in a title count for more than those in a body.
pub(super) async fn find(db: &impl ConnectionTrait, access: &Access, query: &SearchQuery) -> Result<Vec<Hit>, Failure> {
    let words = words(&query.text);
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let postgres = db.get_database_backend() == DbBackend::Postgres;
    let (sign, joined) = match (postgres, query.any) {
        (true, true) => ("", " | "),
        (true, false) => ("", " & "),
        (false, true) => ("\"", " OR "),
        (false, false) => ("\"", " AND "),
    };
    let star = if postgres { ":*" } else { " *" };
    let each: Vec<_> = words.iter().map(|word| format!("{sign}{word}{sign}{star}")).collect();
    let mut values: Vec<Value> = vec![each.join(joined).into()];
    let mut conditions = filter::seen(access, "d.team_id", &mut values);
    if let Some(team) = query.team {
        values.push(team.uuid().into());
        let _ = write!(conditions, " AND d.team_id = ${}", values.len());
    }
    if !query.kinds.is_empty() {
        let marks = row::marks(values.len() + 1, query.kinds.len());
        values.extend(query.kinds.iter().map(|kind| Value::from(kind.name())));
        let _ = write!(conditions, " AND d.kind IN ({marks})");
    }
    let sql = if postgres {
        format!(
            "SELECT d.kind, d.subject_id FROM search_document d, to_tsquery('simple', $1) q
             WHERE d.words @@ q AND {conditions}
             ORDER BY ts_rank('{{0.1, 0.2, 0.25, 1.0}}', d.words, q) DESC, d.subject_id LIMIT {MOST}"
        )
    } else {
        format!(
            "SELECT d.kind, d.subject_id FROM search_index s JOIN search_document d ON d.id = s.rowid
             WHERE search_index MATCH $1 AND {conditions} ORDER BY bm25(search_index, 4.0, 1.0), d.subject_id LIMIT {MOST}"
        )
    };
    row::rows::<HitRow>(db, &sql, values).await?.iter().map(read).collect()
}

fn read(row: &HitRow) -> Result<Hit, Failure> {
    let kind = [SearchKind::Idea, SearchKind::RoadmapItem].into_iter().find(|kind| kind.name() == row.kind);
    let kind = kind.ok_or_else(|| row::altered("search document", "has a kind of its own"))?;
    Ok(Hit { kind, subject: row.subject_id })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whatever_their_case_accents_and_signs() {
        let table = [
            ("Reporting für Ärzte!", vec!["reporting", "fur", "arzte"]),
            ("SSO/SAML-2", vec!["sso", "saml", "2"]),
            ("\" OR 1=1 --*", vec!["or", "1", "1"]),
            ("\u{0}:*&|!()<->", vec![]),
        ];
        for (text, expected) in table {
            assert_eq!(words(text), expected, "{text}");
        }
    }
}
