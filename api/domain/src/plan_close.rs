//! Closing a plan: the quarter is over and each live key result has its final word.
//! Holds PLAN_CLOSED as it bears on closing; what a closed plan still takes is `check_in`'s matter.

use std::collections::BTreeSet;

use crate::{
    audit::{AuditAction, Subject},
    change::{Change, Recording},
    facts::Facts,
    ids::{KeyResultId, PersonId},
    permission::{Permit, action::ClosePlan},
    plan::{ClosedPlan, CommittedPlan},
    refusal::{Broken, Code, Refusal, Refusals},
    text::Prose,
    time::Timestamp,
};

/// A key result that ends without a FINAL check-in, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithoutFinal {
    /// Which.
    pub key_result: KeyResultId,
    /// Why nobody measured it.
    pub reason: Option<Prose>,
}

/// A plan that was closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanClosed {
    /// The plan as it is now.
    pub plan: ClosedPlan,
    /// Who closed it.
    pub by: PersonId,
    /// The key results that ended without a FINAL check-in.
    pub without_final: Vec<(KeyResultId, Prose)>,
}

impl CommittedPlan {
    /// Closes the plan; `finals` are the key results that have a FINAL check-in.
    pub fn close(
        mut self,
        permit: &Permit<ClosePlan>,
        finals: &BTreeSet<KeyResultId>,
        without: Vec<WithoutFinal>,
        now: Timestamp,
    ) -> Result<Change<PlanClosed>, Refusals> {
        let mut broken = Broken::none();
        let span = self.head.span;
        broken.when(!span.ended(now), || {
            let message = format!("The quarter {} runs until {}.", span.quarter, span.ends_at);
            Refusal::new(Code::PlanClosed, message).remedy("Close the plan once the quarter has ended.")
        });
        let named: BTreeSet<_> = without.iter().map(|named| named.key_result).collect();
        for (_, key_result) in self.commitment.key_results() {
            broken.when(!finals.contains(&key_result.id) && !named.contains(&key_result.id), || {
                let message =
                    format!("The key result \"{}\" has neither a FINAL check-in nor a reason.", key_result.terms.title);
                Refusal::new(Code::PlanClosed, message)
                    .remedy("checkInRecord with kind FINAL, or name it in withoutFinal with a reason.")
            });
        }
        for named in &without {
            broken.when(self.commitment.key_result(named.key_result).is_none(), || {
                Refusal::not_found(&["withoutFinal"], "live key result", &named.key_result.to_string())
            });
            broken.when(named.reason.is_none(), || {
                Refusal::new(Code::ReasonRequired, "A key result without a FINAL check-in needs a reason.")
                    .at(&["withoutFinal"])
            });
        }
        broken.finish()?;
        let without_final: Vec<_> =
            without.into_iter().filter_map(|named| Some((named.key_result, named.reason?))).collect();
        self.head.version += 1;
        let facts = without_final
            .iter()
            .map(|(id, why)| Facts::map([("keyResult", Facts::text(id)), ("reason", Facts::text(why))]));
        let after = Facts::map([("closed", Facts::Bool(true)), ("withoutFinal", Facts::list(facts))]);
        let head = self.head;
        let by = Recording::by(permit, AuditAction::PlanClosed, Subject::Plan(head.id));
        let person = permit.actor().person.id;
        let state = PlanClosed { plan: ClosedPlan { last: self, closed_at: now }, by: person, without_final };
        Ok(by.plan(head.team, head.span.quarter, head.id).after(after, state))
    }
}
