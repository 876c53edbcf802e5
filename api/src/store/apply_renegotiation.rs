//! How renegotiations are written: each step one version with its exact changes; a decision with the revision it made.
//! Nothing here is ever updated.

use holdline_domain::{
    commitment::Commitment,
    commitment_change::CommitmentChange,
    ids::Id,
    key_result::{KeyResultTerms, Measure},
    objective::ObjectiveTerms,
    renegotiation::{Outcome, Proposed, Record, Renegotiation},
    renegotiation_decide::Decided,
    time::Timestamp,
};
use holdline_entity::{
    decision, renegotiation, renegotiation_author,
    renegotiation_change::{self, ChangeKind},
    renegotiation_evidence,
    renegotiation_version::{self, RenegotiationStatus},
};
use sea_orm::{ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::{Apply, apply_plan::insert_revision, row, tx::Tx};
use crate::failure::Failure;

impl Apply for Renegotiation {
    async fn apply(&self, tx: &Tx, seq: i64, _at: Timestamp) -> Result<(), Failure> {
        let status = match self {
            Self::Draft(_) => RenegotiationStatus::Draft,
            Self::Proposed(_) => RenegotiationStatus::Proposed,
            Self::Withdrawn(_) => RenegotiationStatus::Withdrawn,
            Self::Decided(..) => return Err(Failure::internal("a decision is applied as a decision")),
        };
        let proposal = self.proposal().map(|proposal| (proposal.by, proposal.at));
        insert_version(tx, seq, self.record(), status, proposal).await
    }
}

impl Apply for Proposed {
    async fn apply(&self, tx: &Tx, seq: i64, _at: Timestamp) -> Result<(), Failure> {
        let proposal = Some((self.proposal.by, self.proposal.at));
        insert_version(tx, seq, &self.record, RenegotiationStatus::Proposed, proposal).await
    }
}

impl Apply for Decided {
    async fn apply(&self, tx: &Tx, seq: i64, at: Timestamp) -> Result<(), Failure> {
        let (record, decision) = (&self.proposed.record, &self.decision);
        decision::Entity::insert(decision::ActiveModel {
            renegotiation_id: Set(record.id.uuid()),
            id: Set(decision.id.uuid()),
            plan_id: Set(record.plan.uuid()),
            version: Set(row::stored(record.version)?),
            outcome: Set(match decision.outcome {
                Outcome::Approved => decision::DecisionOutcome::Approved,
                Outcome::Rejected => decision::DecisionOutcome::Rejected,
            }),
            rationale: Set(decision.rationale.to_string()),
            by_person: Set(decision.by.map(Id::uuid)),
            meeting_id: Set(decision.meeting.uuid()),
            digest: Set(decision.digest.to_string()),
            at: Set(at.micros()),
            audit_seq: Set(seq),
        })
        .exec_without_returning(&tx.db)
        .await?;
        match &self.revision {
            Some(revision) => insert_revision(tx, seq, revision, at).await,
            None => Ok(()),
        }
    }
}

async fn insert_version(
    tx: &Tx,
    seq: i64,
    record: &Record,
    status: RenegotiationStatus,
    proposal: Option<(Option<holdline_domain::ids::PersonId>, Timestamp)>,
) -> Result<(), Failure> {
    let id = record.id.uuid();
    if record.version == 1 {
        renegotiation::Entity::insert(renegotiation::ActiveModel {
            id: Set(id),
            plan_id: Set(record.plan.uuid()),
            imported: Set(record.imported),
            audit_seq: Set(seq),
        })
        .exec_without_returning(&tx.db)
        .await?;
    }
    let terms = &record.terms;
    renegotiation_version::Entity::insert(renegotiation_version::ActiveModel {
        renegotiation_id: Set(id),
        version: Set(row::stored(record.version)?),
        status: Set(status),
        trigger_text: Set(terms.trigger.as_ref().map(ToString::to_string)),
        reason: Set(terms.reason.as_ref().map(ToString::to_string)),
        trade_off: Set(terms.trade_off.as_ref().map(ToString::to_string)),
        decide_by: Set(terms.decide_by.micros()),
        base_revision: Set(row::stored(terms.base_revision)?),
        digest: Set(record.digest().to_string()),
        change_count: Set(i32::try_from(terms.changes.len()).map_err(Failure::internal)?),
        proposed_by: Set(proposal.and_then(|(by, _)| by).map(Id::uuid)),
        proposed_at: Set(proposal.map(|(_, at)| at.micros())),
        audit_seq: Set(seq),
    })
    .exec_without_returning(&tx.db)
    .await?;
    for (place, change) in (0..).zip(&terms.changes) {
        renegotiation_change::Entity::insert(write_change(record, place, change)?)
            .exec_without_returning(&tx.db)
            .await?;
    }
    insert_evidence(tx, record).await?;
    insert_authors(tx, record).await
}

async fn insert_evidence(tx: &Tx, record: &Record) -> Result<(), Failure> {
    let version = row::stored(record.version)?;
    let rows = (0..).zip(&record.terms.evidence).map(|(place, idea)| renegotiation_evidence::ActiveModel {
        renegotiation_id: Set(record.id.uuid()),
        version: Set(version),
        place: Set(place),
        idea_id: Set(idea.uuid()),
    });
    if !record.terms.evidence.is_empty() {
        renegotiation_evidence::Entity::insert_many(rows).exec_without_returning(&tx.db).await?;
    }
    Ok(())
}

async fn insert_authors(tx: &Tx, record: &Record) -> Result<(), Failure> {
    let known = renegotiation_author::Entity::find()
        .filter(renegotiation_author::Column::RenegotiationId.eq(record.id.uuid()))
        .all(&tx.db)
        .await?;
    let fresh = record.authors.iter().filter(|author| !known.iter().any(|row| row.person_id == author.uuid()));
    for author in fresh {
        renegotiation_author::Entity::insert(renegotiation_author::ActiveModel {
            renegotiation_id: Set(record.id.uuid()),
            person_id: Set(author.uuid()),
        })
        .exec_without_returning(&tx.db)
        .await?;
    }
    Ok(())
}

fn write_change(
    record: &Record,
    place: i32,
    change: &CommitmentChange,
) -> Result<renegotiation_change::ActiveModel, Failure> {
    let mut row = renegotiation_change::ActiveModel {
        renegotiation_id: Set(record.id.uuid()),
        version: Set(row::stored(record.version)?),
        place: Set(place),
        ..Default::default()
    };
    match change {
        CommitmentChange::ObjectiveAdded { id, terms } => {
            row.kind = Set(ChangeKind::ObjectiveAdded);
            row.objective_id = Set(Some(id.uuid()));
            put_objective(&mut row, terms);
        }
        CommitmentChange::ObjectiveAmended { id, to, .. } => {
            row.kind = Set(ChangeKind::ObjectiveAmended);
            row.objective_id = Set(Some(id.uuid()));
            put_objective(&mut row, to);
        }
        CommitmentChange::ObjectiveDropped { id, why, .. } => {
            row.kind = Set(ChangeKind::ObjectiveDropped);
            row.objective_id = Set(Some(id.uuid()));
            row.why = Set(why.as_ref().map(ToString::to_string));
        }
        CommitmentChange::KeyResultAdded { objective, id, terms } => {
            row.kind = Set(ChangeKind::KeyResultAdded);
            (row.objective_id, row.key_result_id) = (Set(Some(objective.uuid())), Set(Some(id.uuid())));
            put_key_result(&mut row, terms);
        }
        CommitmentChange::KeyResultAmended { objective, id, to, .. } => {
            row.kind = Set(ChangeKind::KeyResultAmended);
            (row.objective_id, row.key_result_id) = (Set(Some(objective.uuid())), Set(Some(id.uuid())));
            put_key_result(&mut row, to);
        }
        CommitmentChange::KeyResultDropped { objective, id, why, .. } => {
            row.kind = Set(ChangeKind::KeyResultDropped);
            (row.objective_id, row.key_result_id) = (Set(Some(objective.uuid())), Set(Some(id.uuid())));
            row.why = Set(why.as_ref().map(ToString::to_string));
        }
        CommitmentChange::CapacityChanged { to, .. } => {
            row.kind = Set(ChangeKind::CapacityChanged);
            row.capacity = Set(to.map(|capacity| capacity.to_string()));
        }
    }
    Ok(row)
}

fn put_objective(row: &mut renegotiation_change::ActiveModel, terms: &ObjectiveTerms) {
    row.title = Set(Some(terms.title.to_string()));
    row.rationale = Set(Some(terms.rationale.to_string()));
    row.owner_id = Set(Some(terms.owner.uuid()));
    row.load = Set(terms.load.map(|load| load.to_string()));
    row.contributes_to = Set(terms.contributes_to.map(Id::uuid));
}

fn put_key_result(row: &mut renegotiation_change::ActiveModel, terms: &KeyResultTerms) {
    row.title = Set(Some(terms.title.to_string()));
    row.owner_id = Set(Some(terms.owner.uuid()));
    row.unit = Set(Some(terms.measure.unit.to_string()));
    row.baseline = Set(Some(terms.measure.baseline.to_string()));
    row.target = Set(Some(terms.measure.target.to_string()));
}

/// Reads a change back; what it changes from is what the base revision says.
pub(super) fn read_change(row: &renegotiation_change::Model, base: &Commitment) -> Result<CommitmentChange, Failure> {
    let objective = || row.objective_id.map(Into::into).ok_or_else(|| row::missing("change's objective"));
    let key_result = || row.key_result_id.map(Into::into).ok_or_else(|| row::missing("change's key result"));
    let old_objective = || {
        let found = base.objective(objective()?).ok_or_else(|| row::missing("changed objective"))?;
        Ok::<_, Failure>(found.terms.clone())
    };
    let old_key_result = || {
        let (_, found) = base.key_result(key_result()?).ok_or_else(|| row::missing("changed key result"))?;
        Ok::<_, Failure>(found.terms.clone())
    };
    let why = row::maybe(row.why.as_ref(), row::prose)?;
    Ok(match row.kind {
        ChangeKind::ObjectiveAdded => {
            CommitmentChange::ObjectiveAdded { id: objective()?, terms: read_objective(row)? }
        }
        ChangeKind::ObjectiveAmended => {
            CommitmentChange::ObjectiveAmended { id: objective()?, from: old_objective()?, to: read_objective(row)? }
        }
        ChangeKind::ObjectiveDropped => {
            CommitmentChange::ObjectiveDropped { id: objective()?, terms: old_objective()?, why }
        }
        ChangeKind::KeyResultAdded => CommitmentChange::KeyResultAdded {
            objective: objective()?,
            id: key_result()?,
            terms: read_key_result(row)?,
        },
        ChangeKind::KeyResultAmended => CommitmentChange::KeyResultAmended {
            objective: objective()?,
            id: key_result()?,
            from: old_key_result()?,
            to: read_key_result(row)?,
        },
        ChangeKind::KeyResultDropped => CommitmentChange::KeyResultDropped {
            objective: objective()?,
            id: key_result()?,
            terms: old_key_result()?,
            why,
        },
        ChangeKind::CapacityChanged => CommitmentChange::CapacityChanged {
            from: base.capacity,
            to: row::maybe(row.capacity.as_ref(), row::quantity)?,
        },
    })
}

fn read_objective(row: &renegotiation_change::Model) -> Result<ObjectiveTerms, Failure> {
    let text = |text: &Option<String>| text.clone().ok_or_else(|| row::missing("change's value"));
    Ok(ObjectiveTerms {
        title: row::line(&text(&row.title)?)?,
        rationale: row::prose(&text(&row.rationale)?)?,
        owner: row.owner_id.ok_or_else(|| row::missing("change's owner"))?.into(),
        load: row::maybe(row.load.as_ref(), row::quantity)?,
        contributes_to: row.contributes_to.map(Into::into),
    })
}

fn read_key_result(row: &renegotiation_change::Model) -> Result<KeyResultTerms, Failure> {
    let text = |text: &Option<String>| text.clone().ok_or_else(|| row::missing("change's value"));
    Ok(KeyResultTerms {
        title: row::line(&text(&row.title)?)?,
        owner: row.owner_id.ok_or_else(|| row::missing("change's owner"))?.into(),
        measure: Measure {
            unit: row::line(&text(&row.unit)?)?,
            baseline: row::quantity(&text(&row.baseline)?)?,
            target: row::quantity(&text(&row.target)?)?,
        },
    })
}
