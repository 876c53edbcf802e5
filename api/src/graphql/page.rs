//! Connections: Relay's, with nodes and a total that is counted only when somebody asks.
//! A cursor holds its key and the query that it belongs to; with another query it is INVALID.

use std::borrow::Cow;

use async_graphql::{
    Context, Object, OutputType, TypeName,
    connection::{CursorType, Edge, EmptyFields, PageInfo},
};
use holdline_domain::refusal::Refusal;
use sha2::{Digest as _, Sha256};

use super::{fault::Fault, session::session};
use crate::store::{
    AuditQuery, IdeasWanted, MeetingsWanted, Page, PageRequest, RankKey, RenegotiationsWanted, RoadmapWanted,
};

/// How many items a page has where nobody says.
const DEFAULT: u64 = 50;
/// How many items a page has at most.
const MOST: u64 = 250;

/// A part of a list, with what lies beyond it.
pub(super) struct Connection<T: OutputType> {
    edges: Vec<Edge<Cursor, T, EmptyFields>>,
    has_previous: bool,
    has_next: bool,
    total: Total,
}

impl<T: OutputType> TypeName for Connection<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", T::type_name()).into()
    }
}

/// A part of a list. Its cursors stay valid while items come in, and belong to this list with these arguments.
#[Object(name_type)]
impl<T: OutputType> Connection<T> {
    /// Whether there is more before and after, and the cursors of both ends.
    async fn page_info(&self) -> PageInfo {
        PageInfo {
            has_previous_page: self.has_previous,
            has_next_page: self.has_next,
            start_cursor: self.edges.first().map(|edge| edge.cursor.encode_cursor()),
            end_cursor: self.edges.last().map(|edge| edge.cursor.encode_cursor()),
        }
    }
    /// The items with their cursors.
    async fn edges(&self) -> &[Edge<Cursor, T, EmptyFields>] {
        &self.edges
    }
    /// The items.
    async fn nodes(&self) -> Vec<&T> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }
    /// How many items there are in all; counted only when asked for.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32, Fault> {
        self.total.count(ctx).await
    }
}

/// The four arguments of a connection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct PageArgs {
    pub(super) first: Option<i32>,
    pub(super) after: Option<String>,
    pub(super) last: Option<i32>,
    pub(super) before: Option<String>,
}

impl PageArgs {
    pub(super) fn forward(first: Option<i32>, after: Option<String>) -> Self {
        Self { first, after, last: None, before: None }
    }

    /// The keys and the limit; `query` is whatever the cursor belongs to.
    pub(super) fn request<K: Key>(&self, query: &str) -> Result<PageRequest<K>, Refusal> {
        if self.first.is_some() && self.last.is_some() {
            return Err(Refusal::invalid(&["last"], "Ask for first or for last, not for both."));
        }
        let (field, asked) = if self.last.is_some() { ("last", self.last) } else { ("first", self.first) };
        let limit = match asked {
            None => DEFAULT,
            Some(asked) => u64::try_from(asked)
                .ok()
                .filter(|asked| *asked <= MOST)
                .ok_or_else(|| Refusal::invalid(&[field], format!("A page has 0 to {MOST} items, not {asked}.")))?,
        };
        let key = |cursor: &Option<String>, field: &str| {
            let key = cursor.as_ref().map(|cursor| {
                let message = "The cursor does not belong to this list with these arguments.";
                Cursor::key(cursor, query).ok_or_else(|| Refusal::invalid(&[field], message))
            });
            key.transpose()
        };
        let (after, before) = (key(&self.after, "after")?, key(&self.before, "before")?);
        Ok(PageRequest { after, before, limit, backward: self.last.is_some() })
    }
}

/// A key that a list is ordered by, as a cursor writes it.
pub(super) trait Key: Sized + Clone {
    fn write(&self) -> String;
    fn read(text: &str) -> Option<Self>;
}

impl Key for uuid::Uuid {
    fn write(&self) -> String {
        self.simple().to_string()
    }
    fn read(text: &str) -> Option<Self> {
        (text.len() == 32).then(|| Self::try_parse(text).ok()).flatten()
    }
}

impl Key for i64 {
    fn write(&self) -> String {
        self.to_string()
    }
    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl Key for (i64, i64) {
    fn write(&self) -> String {
        format!("{}-{}", self.0, self.1)
    }
    fn read(text: &str) -> Option<Self> {
        let (at, seq) = text.split_once('-')?;
        Some((at.parse().ok()?, seq.parse().ok()?))
    }
}

impl Key for (i128, i64) {
    fn write(&self) -> String {
        format!("{}-{}", self.0, self.1)
    }
    fn read(text: &str) -> Option<Self> {
        let (sort, seq) = text.split_once('-')?;
        Some((sort.parse().ok()?, seq.parse().ok()?))
    }
}

impl Key for RankKey {
    fn write(&self) -> String {
        format!("{}-{}", self.0, self.1.write())
    }
    fn read(text: &str) -> Option<Self> {
        let (rank, id) = text.split_once('-')?;
        Some((rank.to_owned(), Key::read(id)?))
    }
}

impl Key for String {
    fn write(&self) -> String {
        self.clone()
    }
    fn read(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

/// An opaque position in a list.
#[derive(Debug, Clone)]
pub(super) struct Cursor(String);

impl CursorType for Cursor {
    type Error = std::convert::Infallible;

    fn decode_cursor(text: &str) -> Result<Self, Self::Error> {
        Ok(Self(text.to_owned()))
    }

    fn encode_cursor(&self) -> String {
        self.0.clone()
    }
}

impl Cursor {
    pub(super) fn new<K: Key>(query: &str, key: &K) -> Self {
        Self(format!("{}.{}", binding(query), key.write()))
    }

    fn key<K: Key>(text: &str, query: &str) -> Option<K> {
        let (bound, key) = text.split_once('.')?;
        if bound == binding(query) { K::read(key) } else { None }
    }
}

/// Eight hexadecimal digits of the query's hash: enough to notice a cursor in the wrong place.
fn binding(query: &str) -> String {
    let bits = Sha256::digest(query).iter().take(4).fold(0_u32, |bits, byte| (bits << 8) | u32::from(*byte));
    format!("{bits:08x}")
}

/// How many there are in all.
pub(super) enum Total {
    Known(u64),
    Teams(bool),
    Audit(Box<AuditQuery>),
    Meetings(MeetingsWanted),
    Renegotiations(RenegotiationsWanted),
    Plans(holdline_domain::ids::TeamId),
    History(uuid::Uuid, Option<holdline_domain::time::Timestamp>),
    Inputs(holdline_domain::ids::MeetingId),
    CheckIns(holdline_domain::ids::KeyResultId, Option<holdline_domain::time::Timestamp>),
    Contributors(holdline_domain::ids::ObjectiveId),
    Ideas(IdeasWanted),
    Requests(holdline_domain::ids::IdeaId),
    Roadmap(RoadmapWanted),
    Webhooks,
    PublishedLinks,
    HookEvents(Option<holdline_entity::hook_event::HookEventStatus>),
    Deliveries(holdline_domain::ids::WebhookId, Option<holdline_entity::webhook_delivery::DeliveryStatus>),
    Serving(holdline_domain::ids::KeyResultId, Option<holdline_domain::time::Timestamp>),
}

impl Total {
    async fn count(&self, ctx: &Context<'_>) -> Result<i32, Fault> {
        let (session, reader) = (session(ctx), session(ctx).reader());
        let counted = match self {
            Self::Known(count) => i64::try_from(*count).unwrap_or(i64::MAX),
            Self::Teams(archived) => reader.team_count(*archived).await?,
            Self::Audit(wanted) => reader.audit_count(wanted).await?,
            Self::Meetings(wanted) => reader.meeting_count(wanted).await?,
            Self::Renegotiations(wanted) => reader.renegotiation_count(wanted, session.now()).await?,
            Self::Plans(team) => reader.plan_count(*team).await?,
            Self::History(subject, until) => reader.history_count(*subject, *until).await?,
            Self::Inputs(meeting) => reader.meeting_input_count(*meeting).await?,
            Self::CheckIns(key_result, until) => reader.check_in_count(*key_result, *until).await?,
            Self::Ideas(wanted) => reader.idea_count(wanted).await?,
            Self::Requests(idea) => reader.request_count(*idea).await?,
            Self::Contributors(objective) => reader.contributor_count(*objective).await?,
            Self::Roadmap(wanted) => reader.roadmap_item_count(wanted).await?,
            Self::HookEvents(status) => reader.hook_event_count(*status).await?,
            Self::PublishedLinks => reader.published_link_count().await?,
            Self::Webhooks => reader.webhook_count().await?,
            Self::Deliveries(webhook, status) => reader.webhook_delivery_count(*webhook, *status).await?,
            Self::Serving(key_result, at) => reader.serving_count(*key_result, *at).await?,
        };
        Ok(i32::try_from(counted).unwrap_or(i32::MAX))
    }
}

/// A page as a connection.
pub(super) fn connect<S, T: OutputType, K: Key>(
    query: &str,
    page: Page<S, K>,
    total: Total,
    node: impl Fn(S) -> T,
) -> Connection<T> {
    let edges = page.items.into_iter().map(|(key, item)| Edge::new(Cursor::new(query, &key), node(item)));
    let (has_previous, has_next) = (page.has_previous, page.has_next);
    Connection { edges: edges.collect(), has_previous, has_next, total }
}

/// A short list that is already in memory as a connection; the key is the place.
pub(super) fn connect_all<T: OutputType>(query: &str, args: &PageArgs, all: Vec<T>) -> Result<Connection<T>, Fault> {
    let request: PageRequest<i64> = args.request(query)?;
    let total = all.len() as u64;
    let mut items: Vec<(i64, T)> = (0..).zip(all).collect();
    let count = items.len();
    items.retain(|(place, _)| {
        request.after.is_none_or(|after| *place > after) && request.before.is_none_or(|before| *place < before)
    });
    let limit = usize::try_from(request.limit).unwrap_or(usize::MAX);
    let from = if request.backward { items.len().saturating_sub(limit) } else { 0 };
    let items: Vec<_> = items.into_iter().skip(from).take(limit).collect();
    let has_previous = items.first().is_some_and(|(place, _)| *place > 0);
    let has_next = items.last().is_some_and(|(place, _)| usize::try_from(place + 1).is_ok_and(|next| next < count));
    Ok(connect(query, Page { items, has_previous, has_next }, Total::Known(total), |item| item))
}
