//! The boundary of a meeting as an input states it, its subjects looked up. What it must state is the domain's to say.

use holdline_domain::{
    ids::{KeyResultId, ObjectiveId, OpenQuestionId, RoadmapItemId},
    meeting_boundary::{Boundary, BoundarySubject, DecidedSubject, InputWanted, OpenQuestion},
    text::{Line, Prose},
};

use super::found;
use crate::{failure::Failure, store::Tx};

/// What a boundary line is about, as an input states it.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the mutation's input, described in the API")]
pub enum SubjectRef {
    Objective(ObjectiveId),
    KeyResult(KeyResultId),
    RoadmapItem(RoadmapItemId),
    Text(Line),
}

/// A decided subject as an input states it.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the mutation's input, described in the API")]
pub struct DecidedRef {
    pub subject: SubjectRef,
    pub why: Prose,
}

/// An open question as an input states it.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the mutation's input, described in the API")]
pub struct QuestionRef {
    pub question: Line,
    pub wanted: InputWanted,
    pub subject: Option<SubjectRef>,
}

/// A boundary as an input states it.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields are the mutation's input, described in the API")]
pub struct BoundaryRef {
    pub decided: Vec<DecidedRef>,
    pub open: Vec<QuestionRef>,
    pub out_of_scope: Vec<Line>,
    pub information_only: bool,
}

pub(super) async fn boundary(tx: &Tx, said: BoundaryRef) -> Result<Boundary, Failure> {
    let mut boundary =
        Boundary { out_of_scope: said.out_of_scope, information_only: said.information_only, ..Boundary::default() };
    for decided in said.decided {
        let subject = subject(tx, decided.subject).await?;
        boundary.decided.push(DecidedSubject { subject, why: decided.why });
    }
    for open in said.open {
        let subject = match open.subject {
            Some(said) => Some(subject(tx, said).await?),
            None => None,
        };
        let id: OpenQuestionId = tx.id();
        boundary.open.push(OpenQuestion { id, question: open.question, wanted: open.wanted, subject });
    }
    Ok(boundary)
}

async fn subject(tx: &Tx, said: SubjectRef) -> Result<BoundarySubject, Failure> {
    Ok(match said {
        SubjectRef::Text(text) => BoundarySubject::Text(text),
        SubjectRef::Objective(id) => {
            found(tx.home_of_objective(id).await?, "boundary", "objective", id)?;
            BoundarySubject::Objective(id)
        }
        SubjectRef::KeyResult(id) => {
            let objective = found(tx.home_of_key_result(id).await?, "boundary", "key result", id)?;
            BoundarySubject::KeyResult { id, objective }
        }
        SubjectRef::RoadmapItem(id) => {
            found(tx.roadmap_item(id).await?, "boundary", "roadmap item", id)?;
            BoundarySubject::RoadmapItem(id)
        }
    })
}
