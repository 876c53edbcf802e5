//! Keyset pages: lists that stay stable while rows are inserted.
//! Holds the cutting of a page and what lies beyond it; cursors' texts are the API's matter.

use std::fmt::Write as _;

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    Select, Value,
};

use super::row;
use crate::failure::Failure;

/// Which part of a list is asked for. `K` is the key that the list is ordered by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PageRequest<K> {
    /// Only what comes after this key.
    pub after: Option<K>,
    /// Only what comes before this key.
    pub before: Option<K>,
    /// How many at most.
    pub limit: u64,
    /// Whether the last ones are wanted instead of the first.
    pub backward: bool,
}

/// A part of a list, in the list's order.
#[derive(Debug, Clone)]
pub struct Page<T, K> {
    /// The items with their keys.
    pub items: Vec<(K, T)>,
    /// Whether there is something before.
    pub has_previous: bool,
    /// Whether there is something after.
    pub has_next: bool,
}

impl<T, K> Page<T, K> {
    /// The same page of something made from each item.
    pub fn map<U>(self, make: impl Fn(T) -> U) -> Page<U, K> {
        let items = self.items.into_iter().map(|(key, item)| (key, make(item))).collect();
        Page { items, has_previous: self.has_previous, has_next: self.has_next }
    }
}

/// Cuts rows that were fetched one beyond the limit, in fetching order, into a page in list order.
pub(super) fn cut<R, T, K: Clone>(
    mut rows: Vec<R>,
    request: &PageRequest<K>,
    key: impl Fn(&R) -> K,
    read: impl Fn(R) -> Result<T, Failure>,
) -> Result<Page<T, K>, Failure> {
    let limit = usize::try_from(request.limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    if request.backward {
        rows.reverse();
    }
    let items: Result<Vec<_>, Failure> = rows.into_iter().map(|row| Ok((key(&row), read(row)?))).collect();
    let (has_previous, has_next) =
        if request.backward { (more, request.before.is_some()) } else { (request.after.is_some(), more) };
    Ok(Page { items: items?, has_previous, has_next })
}

/// Fetches one row beyond the limit, ordered by a unique column.
pub(super) async fn by_column<E, C, K>(
    db: &impl ConnectionTrait,
    query: Select<E>,
    column: C,
    request: &PageRequest<K>,
) -> Result<Vec<E::Model>, Failure>
where
    E: EntityTrait,
    C: ColumnTrait,
    K: Clone + Into<Value>,
{
    let mut query = query;
    if let Some(after) = request.after.clone() {
        query = query.filter(column.gt(after));
    }
    if let Some(before) = request.before.clone() {
        query = query.filter(column.lt(before));
    }
    query = if request.backward { query.order_by_desc(column) } else { query.order_by_asc(column) };
    Ok(query.limit(request.limit + 1).all(db).await?)
}

/// The `AND key > $n` part of a hand-written statement, with its order and limit; appends the values it needs.
pub(super) fn keyset<K: Copy + Into<Value>>(
    column: &str,
    descending: bool,
    request: &PageRequest<K>,
    values: &mut Vec<Value>,
) -> String {
    let mut sql = String::new();
    let (after, before) = if descending { ("<", ">") } else { (">", "<") };
    for (key, comparison) in [(request.after, after), (request.before, before)] {
        if let Some(key) = key {
            values.push(key.into());
            let _ = write!(sql, " AND {column} {comparison} ${}", values.len());
        }
    }
    let direction = if descending == request.backward { "ASC" } else { "DESC" };
    let _ = write!(sql, " ORDER BY {column} {direction} LIMIT {}", request.limit + 1);
    sql
}

/// The lists below several parents, such as the requests for each idea.
pub(super) struct Within {
    /// Whose rows they are.
    pub(super) table: &'static str,
    /// The column that names the parent.
    pub(super) parent: &'static str,
    /// The column that they are ordered by, unique and ascending.
    pub(super) order: &'static str,
}

/// The same page of the list below each parent, in one statement: numbered within its parent, one row beyond the limit.
pub(super) async fn within<R: FromQueryResult>(
    db: &impl ConnectionTrait,
    list: &Within,
    parents: &[uuid::Uuid],
    request: &PageRequest<i64>,
) -> Result<Vec<R>, Failure> {
    let Within { table, parent, order } = list;
    let mut values: Vec<Value> = parents.iter().map(|id| (*id).into()).collect();
    let below = format!("{table} t WHERE {parent} IN ({})", row::marks(1, parents.len()));
    let sql = numbered("t.*", &below, parent, order, request, &mut values);
    row::rows(db, &sql, values).await
}

/// The statement for the same page below each of several parents: what `below` finds, numbered within its parent, one
/// row beyond the limit. `below` is a FROM with at least one condition.
pub(super) fn numbered(
    columns: &str,
    below: &str,
    parent: &str,
    order: &str,
    request: &PageRequest<i64>,
    values: &mut Vec<Value>,
) -> String {
    let mut conditions = String::new();
    for (key, sign) in [(request.after, ">"), (request.before, "<")] {
        if let Some(key) = key {
            values.push(key.into());
            let _ = write!(conditions, " AND {order} {sign} ${}", values.len());
        }
    }
    let direction = if request.backward { "DESC" } else { "ASC" };
    format!(
        "SELECT * FROM (SELECT {columns}, ROW_NUMBER() OVER (PARTITION BY {parent} ORDER BY {order} {direction})
          AS row_place FROM {below}{conditions}) numbered WHERE row_place <= {} ORDER BY row_place",
        request.limit + 1
    )
}
