//! How renegotiations are found: the newest version with its changes, its authors and its decision.
//! A change row holds the new values; the old ones are those of the revision it stands on. A record whose digest does not fit
//! its content as it is read was altered from outside and is refused. What was decided is read once, and known as long as
//! its row and those of its version and its decision say what they said; `settled` has what that leaves out.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use holdline_domain::{
    commitment_change::CommitmentChange,
    ids::{IdeaId, PersonId, RenegotiationId},
    renegotiation::{Decision, Outcome, Proposal, Proposed, Record, Renegotiation, Terms},
    time::{QuarterSpan, Timestamp},
};
use holdline_entity::{decision, renegotiation_author, renegotiation_change, renegotiation_evidence};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult, QueryFilter as _, QueryOrder as _,
};
use uuid::Uuid;

use super::{Access, apply_renegotiation::read_change, commitment, row, settled::Settled, tx::Tx};
use crate::failure::Failure;

/// A renegotiation with the instant of its decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRenegotiation {
    /// What it says and where it stands.
    pub state: Renegotiation,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
}

/// A renegotiation's row with those of its newest version and of its decision.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
#[cfg_attr(test, derive(Default))]
pub(super) struct HeadRow {
    id: Uuid,
    plan_id: Uuid,
    imported: bool,
    team_id: Uuid,
    quarter: String,
    starts_at: i64,
    ends_at: i64,
    version: i32,
    status: String,
    trigger_text: Option<String>,
    reason: Option<String>,
    trade_off: Option<String>,
    decide_by: i64,
    base_revision: i32,
    digest: String,
    proposed_by: Option<Uuid>,
    proposed_at: Option<i64>,
    decision_id: Option<Uuid>,
    outcome: Option<String>,
    rationale: Option<String>,
    decided_by: Option<Uuid>,
    meeting_id: Option<Uuid>,
    decision_digest: Option<String>,
    decided_at: Option<i64>,
}

pub(super) const HEADS: &str = "SELECT r.id, r.plan_id, r.imported, p.team_id, p.quarter, q.starts_at, q.ends_at, v.version,
    v.status, v.trigger_text, v.reason, v.trade_off, v.decide_by, v.base_revision, v.digest, v.proposed_by, v.proposed_at,
    d.id AS decision_id, d.outcome, d.rationale, d.by_person AS decided_by, d.meeting_id, d.digest AS decision_digest,
    d.at AS decided_at
  FROM renegotiation r JOIN plan p ON p.id = r.plan_id JOIN quarter q ON q.label = p.quarter
  JOIN renegotiation_version v ON v.renegotiation_id = r.id AND v.version = (
    SELECT MAX(l.version) FROM renegotiation_version l WHERE l.renegotiation_id = r.id)
  LEFT JOIN decision d ON d.renegotiation_id = r.id WHERE";

impl HeadRow {
    pub(super) const fn id(&self) -> Uuid {
        self.id
    }

    /// How many bytes its texts have.
    pub(super) fn size(&self) -> usize {
        let texts = [&self.trigger_text, &self.reason, &self.trade_off, &self.rationale];
        texts.into_iter().flatten().map(String::len).sum()
    }
}

#[cfg(test)]
impl HeadRow {
    /// The row of a renegotiation that was decided, with a reason and a rationale.
    pub(super) fn saying(id: Uuid, reason: &str, rationale: &str) -> Self {
        Self { id, reason: Some(reason.into()), rationale: Some(rationale.into()), ..Self::default() }
    }
}

/// Renegotiations by id, those of foreign teams left out.
pub(super) async fn load(
    db: &impl ConnectionTrait,
    access: &Access,
    known: &Settled,
    ids: &[RenegotiationId],
) -> Result<Vec<Arc<StoredRenegotiation>>, Failure> {
    let sql = format!("{HEADS} r.id IN ({})", row::marks(1, ids.len()));
    let heads = row::rows::<HeadRow>(db, &sql, ids.iter().map(|id| id.uuid().into())).await?;
    whole(db, access, known, heads).await
}

/// Rows with all that belongs to them, in the same order; those of foreign teams left out. What is over is read once.
pub(super) async fn whole(
    db: &impl ConnectionTrait,
    access: &Access,
    known: &Settled,
    heads: Vec<HeadRow>,
) -> Result<Vec<Arc<StoredRenegotiation>>, Failure> {
    let heads: Vec<_> = heads.into_iter().filter(|head| access.holds(head.team_id.into())).collect();
    let (mut found, mut unknown) = (HashMap::new(), Vec::new());
    for head in &heads {
        match known.over(head) {
            Some(stored) => drop(found.insert(head.id, stored)),
            None => unknown.push(head),
        }
    }
    for (head, stored) in read_all(db, known, &unknown).await? {
        let stored = Arc::new(stored);
        // No version follows one of these.
        if matches!(stored.state, Renegotiation::Decided(..) | Renegotiation::Withdrawn(_)) {
            known.keep_over(head, &stored);
        }
        found.insert(head.id, stored);
    }
    let stored = |head: &HeadRow| found.get(&head.id).cloned().ok_or_else(|| row::missing("renegotiation"));
    heads.iter().map(stored).collect()
}

async fn read_all<'h>(
    db: &impl ConnectionTrait,
    known: &Settled,
    heads: &[&'h HeadRow],
) -> Result<Vec<(&'h HeadRow, StoredRenegotiation)>, Failure> {
    if heads.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<_> = heads.iter().map(|head| head.id).collect();
    let mut changes = changes(db, heads).await?;
    let mut evidence = evidence(db, heads).await?;
    let mut authors: HashMap<Uuid, BTreeSet<PersonId>> = HashMap::new();
    let rows = renegotiation_author::Entity::find()
        .filter(renegotiation_author::Column::RenegotiationId.is_in(ids))
        .all(db)
        .await?;
    for row in rows {
        authors.entry(row.renegotiation_id).or_default().insert(row.person_id.into());
    }
    let bases: Result<Vec<_>, Failure> =
        heads.iter().map(|head| Ok((head.plan_id.into(), row::count(head.base_revision)?))).collect();
    let bases = commitment::load(db, known, &bases?).await?;
    let stored = |head: &&'h HeadRow| {
        let base = bases
            .get(&(head.plan_id.into(), row::count(head.base_revision)?))
            .ok_or_else(|| row::missing("base revision"))?;
        let rows = changes.remove(&head.id).unwrap_or_default();
        let changes: Result<Vec<_>, _> = rows.values().map(|row| read_change(row, base)).collect();
        let authors = authors.remove(&head.id).unwrap_or_default();
        let said = Said { changes: changes?, evidence: evidence.remove(&head.id).unwrap_or_default(), authors };
        Ok((*head, read(head, said)?))
    };
    heads.iter().map(stored).collect()
}

async fn changes(
    db: &impl ConnectionTrait,
    heads: &[&HeadRow],
) -> Result<HashMap<Uuid, BTreeMap<i32, renegotiation_change::Model>>, Failure> {
    let newest: HashMap<_, _> = heads.iter().map(|head| (head.id, head.version)).collect();
    let rows = renegotiation_change::Entity::find()
        .filter(renegotiation_change::Column::RenegotiationId.is_in(newest.keys().copied()))
        .all(db)
        .await?;
    let mut found: HashMap<Uuid, BTreeMap<_, _>> = HashMap::new();
    for row in rows.into_iter().filter(|row| newest.get(&row.renegotiation_id) == Some(&row.version)) {
        found.entry(row.renegotiation_id).or_default().insert(row.place, row);
    }
    Ok(found)
}

async fn evidence(db: &impl ConnectionTrait, heads: &[&HeadRow]) -> Result<HashMap<Uuid, Vec<IdeaId>>, Failure> {
    let newest: HashMap<_, _> = heads.iter().map(|head| (head.id, head.version)).collect();
    let rows = renegotiation_evidence::Entity::find()
        .filter(renegotiation_evidence::Column::RenegotiationId.is_in(newest.keys().copied()))
        .order_by_asc(renegotiation_evidence::Column::Place)
        .all(db)
        .await?;
    let mut found: HashMap<Uuid, Vec<IdeaId>> = HashMap::new();
    for row in rows.into_iter().filter(|row| newest.get(&row.renegotiation_id) == Some(&row.version)) {
        found.entry(row.renegotiation_id).or_default().push(row.idea_id.into());
    }
    Ok(found)
}

/// What hangs on the newest version of a renegotiation.
struct Said {
    changes: Vec<CommitmentChange>,
    evidence: Vec<IdeaId>,
    authors: BTreeSet<PersonId>,
}

fn read(head: &HeadRow, said: Said) -> Result<StoredRenegotiation, Failure> {
    let decision = read_decision(head)?;
    let span = QuarterSpan {
        quarter: row::quarter(&head.quarter)?,
        starts_at: row::timestamp(head.starts_at)?,
        ends_at: row::timestamp(head.ends_at)?,
    };
    let terms = Terms {
        trigger: row::maybe(head.trigger_text.as_ref(), row::prose)?,
        reason: row::maybe(head.reason.as_ref(), row::prose)?,
        trade_off: row::maybe(head.trade_off.as_ref(), row::prose)?,
        evidence: said.evidence,
        changes: said.changes,
        decide_by: row::timestamp(head.decide_by)?,
        base_revision: row::count(head.base_revision)?,
    };
    let record = Record {
        id: head.id.into(),
        plan: head.plan_id.into(),
        team: head.team_id.into(),
        span,
        terms,
        authors: said.authors,
        version: row::count(head.version)? + u32::from(decision.is_some()),
        imported: head.imported,
    };
    if record.digest() != row::digest(&head.digest)? {
        return Err(row::altered("renegotiation", "does not fit its digest"));
    }
    let decided_at = head.decided_at.map(row::timestamp).transpose()?;
    let proposal = |at: Option<i64>| -> Result<Proposal, Failure> {
        let at = at.ok_or_else(|| row::missing("proposal's time"))?;
        Ok(Proposal { by: head.proposed_by.map(PersonId::from), at: row::timestamp(at)? })
    };
    let state = match (head.status.as_str(), decision) {
        ("DRAFT", None) => Renegotiation::Draft(record),
        ("WITHDRAWN", None) => Renegotiation::Withdrawn(record),
        ("PROPOSED", None) => Renegotiation::Proposed(Proposed { record, proposal: proposal(head.proposed_at)? }),
        ("PROPOSED", Some(decision)) => {
            Renegotiation::Decided(Proposed { record, proposal: proposal(head.proposed_at)? }, decision)
        }
        (status, _) => return Err(row::altered("renegotiation", &format!("has the status {status}"))),
    };
    Ok(StoredRenegotiation { state, decided_at })
}

fn read_decision(head: &HeadRow) -> Result<Option<Decision>, Failure> {
    let Some(id) = head.decision_id else { return Ok(None) };
    let lacking = || row::missing("decision");
    let decision = Decision {
        id: id.into(),
        outcome: match head.outcome.as_deref() {
            Some("APPROVED") => Outcome::Approved,
            Some("REJECTED") => Outcome::Rejected,
            _ => return Err(row::altered("decision", "has no outcome")),
        },
        rationale: row::prose(head.rationale.as_ref().ok_or_else(lacking)?)?,
        by: head.decided_by.map(PersonId::from),
        meeting: head.meeting_id.ok_or_else(lacking)?.into(),
        digest: row::digest(head.decision_digest.as_ref().ok_or_else(lacking)?)?,
    };
    Ok(Some(decision))
}

/// The renegotiation that a decision is on.
pub(super) async fn of_decision(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<RenegotiationId>, Failure> {
    let found = decision::Entity::find().filter(decision::Column::Id.eq(id)).one(db).await?;
    Ok(found.map(|row| row.renegotiation_id.into()))
}

impl Tx {
    /// A renegotiation by id, if the caller may see it.
    pub async fn renegotiation(&self, id: RenegotiationId) -> Result<Option<Renegotiation>, Failure> {
        Ok(load(&self.db, &self.access(), &self.settled, &[id]).await?.pop().map(|stored| stored.state.clone()))
    }
}
