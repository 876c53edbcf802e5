//! What a caller wishes of a renegotiation, its people looked up and its new objects given ids.
//! What the wish comes to on the plan as it is, and whether it may, is the domain's to say.

use holdline_domain::{
    ids::{IdeaId, KeyResultId, ObjectiveId, PersonId},
    key_result::KeyResultTerms,
    objective::ObjectiveTerms,
    quantity::Quantity,
    refusal::{Broken, Refusal},
    renegotiation_draft::Wish,
    renegotiation_request::ChangeRequest,
    text::{Line, Prose},
    time::Timestamp,
};

use super::{MeasureInput, PersonRef};
use crate::{failure::Failure, store::Tx};

/// A requested change as an input states it, its people not looked up yet.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the mutation's input, described in the API")]
pub enum ChangeRef {
    AddObjective {
        title: Line,
        rationale: Prose,
        owner: PersonRef,
        load: Option<Quantity>,
        contributes_to: Option<ObjectiveId>,
        key_results: Vec<(Line, PersonRef, MeasureInput)>,
    },
    AmendObjective {
        id: ObjectiveId,
        title: Option<Line>,
        rationale: Option<Prose>,
        owner: Option<PersonRef>,
        load: Option<Option<Quantity>>,
        contributes_to: Option<Option<ObjectiveId>>,
    },
    AddKeyResult {
        objective: ObjectiveId,
        title: Line,
        owner: PersonRef,
        measure: MeasureInput,
        objective_load: Option<Quantity>,
    },
    AmendKeyResult {
        id: KeyResultId,
        title: Option<Line>,
        owner: Option<PersonRef>,
        unit: Option<Line>,
        baseline: Option<Quantity>,
        target: Option<Quantity>,
    },
    /// A change that names nobody.
    Plain(ChangeRequest),
}

/// What a caller says about a renegotiation; what is none stays, the inner option clears.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields are the mutation's input, described in the API")]
pub struct WishRef {
    pub trigger: Option<Option<Prose>>,
    pub reason: Option<Option<Prose>>,
    pub trade_off: Option<Option<Prose>>,
    pub evidence: Option<Vec<IdeaId>>,
    pub changes: Option<Vec<ChangeRef>>,
    pub decide_by: Option<Timestamp>,
}

/// The objectives that a wish contributes to.
pub(super) fn wish_targets(wish: &Wish) -> Vec<ObjectiveId> {
    let changes = wish.changes.iter().flatten();
    changes
        .filter_map(|change| match change {
            ChangeRequest::AddObjective { terms, .. } => terms.contributes_to,
            ChangeRequest::AmendObjective { contributes_to, .. } => contributes_to.flatten(),
            _ => None,
        })
        .collect()
}

impl WishRef {
    pub(super) async fn resolve(self, tx: &Tx) -> Result<Wish, Failure> {
        let changes = match self.changes {
            Some(changes) => {
                let mut resolved = Vec::with_capacity(changes.len());
                for change in changes {
                    resolved.push(change.resolve(tx).await?);
                }
                Some(resolved)
            }
            None => None,
        };
        let evidence = match self.evidence {
            Some(ideas) => Some(seen(tx, ideas).await?),
            None => None,
        };
        Ok(Wish {
            trigger: self.trigger,
            reason: self.reason,
            trade_off: self.trade_off,
            evidence,
            changes,
            decide_by: self.decide_by,
        })
    }
}

/// The ideas of a list, each once, all of which the caller can see.
async fn seen(tx: &Tx, ideas: Vec<IdeaId>) -> Result<Vec<IdeaId>, Failure> {
    let known = tx.ideas(&ideas).await?;
    let mut broken = Broken::none();
    for (place, id) in ideas.iter().enumerate() {
        let place = place.to_string();
        broken.when(!known.iter().any(|idea| idea.id == *id), || {
            Refusal::not_found(&["evidence", &place], "idea", &id.to_string())
        });
        broken.when(ideas.iter().filter(|other| *other == id).count() > 1, || {
            Refusal::invalid(&["evidence"], "An idea is named as evidence once.")
        });
    }
    broken.finish()?;
    Ok(ideas)
}

impl ChangeRef {
    async fn resolve(self, tx: &Tx) -> Result<ChangeRequest, Failure> {
        Ok(match self {
            Self::AddObjective { title, rationale, owner, load, contributes_to, key_results } => {
                let owner = owner.resolve(tx, "owner").await?;
                let mut members = Vec::with_capacity(key_results.len());
                for (title, owner, measure) in key_results {
                    let owner = owner.resolve(tx, "owner").await?;
                    members.push((tx.id(), KeyResultTerms { title, owner, measure: measure.parse()? }));
                }
                let terms = ObjectiveTerms { title, rationale, owner, load, contributes_to };
                ChangeRequest::AddObjective { id: tx.id(), terms, key_results: members }
            }
            Self::AmendObjective { id, title, rationale, owner, load, contributes_to } => {
                let owner = maybe(tx, owner).await?;
                ChangeRequest::AmendObjective { id, title, rationale, owner, load, contributes_to }
            }
            Self::AddKeyResult { objective, title, owner, measure, objective_load } => {
                let owner = owner.resolve(tx, "owner").await?;
                let terms = KeyResultTerms { title, owner, measure: measure.parse()? };
                ChangeRequest::AddKeyResult { objective, id: tx.id(), terms, objective_load }
            }
            Self::AmendKeyResult { id, title, owner, unit, baseline, target } => {
                let owner = maybe(tx, owner).await?;
                ChangeRequest::AmendKeyResult { id, title, owner, unit, baseline, target }
            }
            Self::Plain(request) => request,
        })
    }
}

async fn maybe(tx: &Tx, owner: Option<PersonRef>) -> Result<Option<PersonId>, Failure> {
    match owner {
        Some(owner) => owner.resolve(tx, "owner").await.map(Some),
        None => Ok(None),
    }
}
