//! What can be asked of the audit log: comparators on its columns, joined by `and` and `or`.

use async_graphql::{ID, InputObject};
use holdline_domain::{audit::AuditAction as Happened, ids, refusal::Refusal};
use sea_orm::Value;

use super::{
    audit::AuditAction,
    fault::Fault,
    ids::{parse, split_pin},
    input::team_key,
    scalars::DateTime,
    session::Session,
};
use crate::store::{AuditColumn, AuditQuery, Bound};

/// How deep `and` and `or` may nest.
const DEPTH: usize = 5;

/// A condition on an id.
#[derive(Debug, InputObject)]
struct IdFilter {
    /// Exactly this one.
    eq: Option<ID>,
    /// One of these.
    r#in: Option<Vec<ID>>,
    /// None of these.
    nin: Option<Vec<ID>>,
    /// Whether there is none.
    null: Option<bool>,
}

/// A condition on a text.
#[derive(Debug, InputObject)]
struct StringFilter {
    /// Exactly this text.
    eq: Option<String>,
    /// One of these texts.
    r#in: Option<Vec<String>>,
    /// None of these texts.
    nin: Option<Vec<String>>,
    /// Holds this text, taken literally.
    contains: Option<String>,
    /// Whether there is none.
    null: Option<bool>,
}

/// A condition on an instant.
#[derive(Debug, InputObject)]
struct DateTimeFilter {
    /// After this instant.
    gt: Option<DateTime>,
    /// At or after this instant.
    gte: Option<DateTime>,
    /// Before this instant.
    lt: Option<DateTime>,
    /// At or before this instant.
    lte: Option<DateTime>,
}

/// A condition on a position.
#[derive(Debug, InputObject)]
struct IntFilter {
    /// Exactly this one.
    eq: Option<i64>,
    /// After this one.
    gt: Option<i64>,
    /// At or after this one.
    gte: Option<i64>,
    /// Before this one.
    lt: Option<i64>,
    /// At or before this one.
    lte: Option<i64>,
}

/// A condition on what happened.
#[derive(Debug, InputObject)]
struct AuditActionFilter {
    /// Exactly this.
    eq: Option<AuditAction>,
    /// One of these.
    r#in: Option<Vec<AuditAction>>,
    /// None of these.
    nin: Option<Vec<AuditAction>>,
}

/// Which entries are wanted; all that is given must hold.
#[derive(Debug, InputObject)]
pub(super) struct AuditFilter {
    /// By position.
    seq: Option<IntFilter>,
    /// By what happened.
    action: Option<AuditActionFilter>,
    /// By who did it.
    actor: Option<IdFilter>,
    /// By the team's key.
    team: Option<StringFilter>,
    /// By the quarter's label.
    quarter: Option<StringFilter>,
    /// By plan.
    plan: Option<IdFilter>,
    /// By what it is about: any id of this API.
    subject: Option<IdFilter>,
    /// By renegotiation.
    renegotiation: Option<IdFilter>,
    /// By meeting.
    meeting: Option<IdFilter>,
    /// By when it took effect.
    occurred_at: Option<DateTimeFilter>,
    /// By when it was written.
    recorded_at: Option<DateTimeFilter>,
    /// By the words of the reason.
    reason: Option<StringFilter>,
    /// Further conditions that must all hold.
    and: Option<Vec<AuditFilter>>,
    /// Conditions of which one must hold.
    or: Option<Vec<AuditFilter>>,
}

type Conditions = Vec<(AuditColumn, Bound)>;

impl IdFilter {
    fn put(
        self,
        column: AuditColumn,
        field: &str,
        read: impl Fn(&ID, &[&str]) -> Result<uuid::Uuid, Refusal>,
        all: &mut Conditions,
    ) -> Result<(), Refusal> {
        let one = |id: &ID| read(id, &["filter", field]).map(Value::from);
        let many = |ids: Vec<ID>| ids.iter().map(one).collect::<Result<Vec<_>, _>>();
        if let Some(id) = self.eq {
            all.push((column, Bound::In(vec![one(&id)?])));
        }
        if let Some(ids) = self.r#in {
            all.push((column, Bound::In(many(ids)?)));
        }
        if let Some(ids) = self.nin {
            all.push((column, Bound::NotIn(many(ids)?)));
        }
        all.extend(self.null.map(|null| (column, Bound::Null(null))));
        Ok(())
    }
}

impl StringFilter {
    fn put(self, column: AuditColumn, all: &mut Conditions) {
        let values = |texts: Vec<String>| texts.into_iter().map(Value::from).collect();
        all.extend(self.eq.map(|text| (column, Bound::In(vec![text.into()]))));
        all.extend(self.r#in.map(|texts| (column, Bound::In(values(texts)))));
        all.extend(self.nin.map(|texts| (column, Bound::NotIn(values(texts)))));
        all.extend(self.contains.map(|text| (column, Bound::Contains(text))));
        all.extend(self.null.map(|null| (column, Bound::Null(null))));
    }

    fn texts(&self) -> impl Iterator<Item = &String> {
        self.eq.iter().chain(self.r#in.iter().flatten()).chain(self.nin.iter().flatten()).chain(&self.contains)
    }

    /// The same condition over the ids of the teams with these keys.
    async fn put_teams(self, session: &Session, all: &mut Conditions) -> Result<(), Fault> {
        let ids = |keys: Vec<String>| async move {
            let mut ids = Vec::new();
            for key in keys {
                let team = session.reader().team(&team_key(&key, "team")?).await?;
                ids.extend(team.map(|team| Value::from(team.id.uuid())));
            }
            Ok::<_, Fault>(ids)
        };
        if self.contains.is_some() {
            let message = "A team is asked for by its whole key: eq, in or nin.";
            return Err(Refusal::invalid(&["filter", "team", "contains"], message).into());
        }
        if let Some(keys) = self.eq.map(|key| vec![key]).into_iter().chain(self.r#in).reduce(|a, b| [a, b].concat()) {
            all.push((AuditColumn::Team, Bound::In(ids(keys).await?)));
        }
        if let Some(keys) = self.nin {
            all.push((AuditColumn::Team, Bound::NotIn(ids(keys).await?)));
        }
        all.extend(self.null.map(|null| (AuditColumn::Team, Bound::Null(null))));
        Ok(())
    }
}

impl DateTimeFilter {
    fn put(self, column: AuditColumn, all: &mut Conditions) {
        let micros = |at: DateTime| Value::from(at.0.micros());
        all.extend(self.gt.map(|at| (column, Bound::Gt(micros(at)))));
        all.extend(self.gte.map(|at| (column, Bound::Gte(micros(at)))));
        all.extend(self.lt.map(|at| (column, Bound::Lt(micros(at)))));
        all.extend(self.lte.map(|at| (column, Bound::Lte(micros(at)))));
    }
}

impl IntFilter {
    fn put(self, column: AuditColumn, all: &mut Conditions) {
        all.extend(self.eq.map(|seq| (column, Bound::In(vec![seq.into()]))));
        all.extend(self.gt.map(|seq| (column, Bound::Gt(seq.into()))));
        all.extend(self.gte.map(|seq| (column, Bound::Gte(seq.into()))));
        all.extend(self.lt.map(|seq| (column, Bound::Lt(seq.into()))));
        all.extend(self.lte.map(|seq| (column, Bound::Lte(seq.into()))));
    }
}

impl AuditActionFilter {
    fn put(self, all: &mut Conditions) {
        let name = |action: AuditAction| Value::from(Happened::from(action).name());
        let names = |actions: Vec<AuditAction>| actions.into_iter().map(name).collect();
        all.extend(self.eq.map(|action| (AuditColumn::Action, Bound::In(vec![name(action)]))));
        all.extend(self.r#in.map(|actions| (AuditColumn::Action, Bound::In(names(actions)))));
        all.extend(self.nin.map(|actions| (AuditColumn::Action, Bound::NotIn(names(actions)))));
    }
}

impl AuditFilter {
    pub(super) async fn parse(self, session: &Session) -> Result<AuditQuery, Fault> {
        self.parse_at(session, DEPTH).await
    }

    async fn parse_at(self, session: &Session, depth: usize) -> Result<AuditQuery, Fault> {
        if depth == 0 {
            let message = format!("A filter nests and and or at most {DEPTH} deep.");
            return Err(Refusal::invalid(&["filter"], message).into());
        }
        let mut query = AuditQuery::default();
        let all = &mut query.all;
        let texts = [self.quarter.as_ref(), self.reason.as_ref()];
        if texts.into_iter().flatten().flat_map(StringFilter::texts).any(|text| text.contains('\0')) {
            return Err(Refusal::invalid(&["filter"], "A text holds the control character U+0000.").into());
        }
        ids_of(&mut *all, self.actor, AuditColumn::Actor, "actor", |id, field| {
            Ok({
                let id: ids::PersonId = parse(id, field)?;
                id.uuid()
            })
        })?;
        ids_of(&mut *all, self.plan, AuditColumn::Plan, "plan", |id, field| {
            Ok({
                let id: ids::PlanId = parse(id, field)?;
                id.uuid()
            })
        })?;
        ids_of(&mut *all, self.subject, AuditColumn::Subject, "subject", any_id)?;
        let renegotiation = AuditColumn::Renegotiation;
        ids_of(&mut *all, self.renegotiation, renegotiation, "renegotiation", |id, field| {
            Ok({
                let id: ids::RenegotiationId = parse(id, field)?;
                id.uuid()
            })
        })?;
        ids_of(&mut *all, self.meeting, AuditColumn::Meeting, "meeting", |id, field| {
            Ok({
                let id: ids::MeetingId = parse(id, field)?;
                id.uuid()
            })
        })?;
        if let Some(filter) = self.seq {
            filter.put(AuditColumn::Seq, all);
        }
        if let Some(filter) = self.action {
            filter.put(all);
        }
        if let Some(filter) = self.quarter {
            filter.put(AuditColumn::Quarter, all);
        }
        if let Some(filter) = self.reason {
            filter.put(AuditColumn::Reason, all);
        }
        if let Some(filter) = self.occurred_at {
            filter.put(AuditColumn::OccurredAt, all);
        }
        if let Some(filter) = self.recorded_at {
            filter.put(AuditColumn::RecordedAt, all);
        }
        if let Some(filter) = self.team {
            filter.put_teams(session, all).await?;
        }
        for filter in self.and.into_iter().flatten() {
            query.and.push(Box::pin(filter.parse_at(session, depth - 1)).await?);
        }
        for filter in self.or.into_iter().flatten() {
            query.or.push(Box::pin(filter.parse_at(session, depth - 1)).await?);
        }
        Ok(query)
    }
}

fn ids_of(
    all: &mut Conditions,
    filter: Option<IdFilter>,
    column: AuditColumn,
    field: &str,
    read: impl Fn(&ID, &[&str]) -> Result<uuid::Uuid, Refusal>,
) -> Result<(), Refusal> {
    filter.map_or(Ok(()), |filter| filter.put(column, field, read, all))
}

fn any_id(id: &ID, field: &[&str]) -> Result<uuid::Uuid, Refusal> {
    let live = split_pin(id).map(|(live, _)| live);
    let found = live.and_then(ids::split).map(|(_, uuid)| uuid);
    found.ok_or_else(|| Refusal::invalid(field, "This is not an id of this API."))
}
