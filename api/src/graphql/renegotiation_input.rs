//! How an input states a renegotiation: what happened, why, what gives way, which changes, and the decision.

use async_graphql::{ID, InputObject, MaybeUndefined};
use holdline_domain::{
    ids::{IdeaId, RenegotiationId},
    refusal::Refusal,
    text::Prose,
};

use super::{
    change_input::{CommitmentChangeInput, parse_changes},
    chosen::chosen,
    decision::DecisionOutcome,
    ids::{parse, parse_all},
    input::{Fields, expected, prose_maybe},
    plan_mutation::digest,
    scalars::DateTime,
};
use crate::{
    failure::Failure,
    service::{Decide, Draft, WishRef},
};

/// What `renegotiationDraft` takes.
#[derive(InputObject)]
pub(super) struct RenegotiationDraftInput {
    /// An id of your choice; the same content again answers as before.
    id: Option<ID>,
    /// The plan that it would change, committed.
    plan: ID,
    /// A renegotiation of the same plan to copy; its authors stay authors.
    from: Option<ID>,
    /// What happened; needed when it is proposed.
    trigger: Option<String>,
    /// Why the commitment should change; needed when it is proposed.
    reason: Option<String>,
    /// What gives way; needed when it is proposed, unless all changes are words and owners.
    trade_off: Option<String>,
    /// The ideas that triggered it, and through them the deals; at most 50.
    evidence: Option<Vec<ID>>,
    /// The exact changes.
    changes: Option<Vec<CommitmentChangeInput>>,
    /// Until when it can be decided: after now, at latest the quarter's end; in 14 days where left out.
    decide_by: Option<DateTime>,
}

/// What `renegotiationUpdate` takes; what is left out stays, null clears.
#[derive(InputObject)]
pub(super) struct RenegotiationUpdateInput {
    /// The renegotiation, a draft.
    renegotiation: ID,
    /// What happened.
    trigger: MaybeUndefined<String>,
    /// Why the commitment should change.
    reason: MaybeUndefined<String>,
    /// What gives way.
    trade_off: MaybeUndefined<String>,
    /// The ideas that triggered it, all of them; at most 50.
    evidence: Option<Vec<ID>>,
    /// The exact changes, all of them, on the plan as it is.
    changes: Option<Vec<CommitmentChangeInput>>,
    /// Until when it can be decided.
    decide_by: Option<DateTime>,
    /// The version you saw; another one is `CONFLICT`.
    expected_version: Option<i32>,
}

/// What `renegotiationPropose` takes.
#[derive(InputObject)]
pub(super) struct RenegotiationProposeInput {
    /// The renegotiation, a draft.
    pub(super) renegotiation: ID,
    /// The version you saw; another one is `CONFLICT`.
    pub(super) expected_version: Option<i32>,
}

/// What `renegotiationWithdraw` takes.
#[derive(InputObject)]
pub(super) struct RenegotiationWithdrawInput {
    /// The renegotiation, a draft or proposed.
    pub(super) renegotiation: ID,
    /// Why it is withdrawn.
    pub(super) reason: Option<String>,
    /// The version you saw; another one is `CONFLICT`.
    pub(super) expected_version: Option<i32>,
}

/// What `renegotiationRebase` takes.
#[derive(InputObject)]
pub(super) struct RenegotiationRebaseInput {
    /// The renegotiation, a draft or proposed.
    pub(super) renegotiation: ID,
    /// The version you saw; another one is `CONFLICT`.
    pub(super) expected_version: Option<i32>,
}

/// What `renegotiationDecide` takes.
#[derive(InputObject)]
pub(super) struct RenegotiationDecideInput {
    /// The renegotiation, proposed.
    pub(super) renegotiation: ID,
    /// The open renegotiation meeting that has it on its agenda and you among its approvers.
    pub(super) meeting: ID,
    /// Yes or no.
    pub(super) outcome: DecisionOutcome,
    /// Why.
    pub(super) rationale: Option<String>,
    /// The digest that you saw; another one is `STALE_BASE`.
    pub(super) digest: String,
    /// The version you saw; another one is `CONFLICT`.
    pub(super) expected_version: Option<i32>,
}

/// A text that an edit sets, clears or leaves.
#[expect(clippy::option_option, reason = "left out, cleared and set are three answers, as the use cases take them")]
fn said(text: MaybeUndefined<String>, field: &str) -> Result<Option<Option<Prose>>, Refusal> {
    match text {
        MaybeUndefined::Undefined => Ok(None),
        MaybeUndefined::Null => Ok(Some(None)),
        MaybeUndefined::Value(text) => prose_maybe(Some(&text), field).map(Some),
    }
}

/// The ideas that a renegotiation names.
fn evidence(ideas: Option<Vec<ID>>) -> Result<Option<Vec<IdeaId>>, Refusal> {
    match ideas {
        Some(ideas) if ideas.len() > 50 => {
            let message = format!("A renegotiation names at most 50 ideas as evidence, not {}.", ideas.len());
            Err(Refusal::invalid(&["evidence"], message))
        }
        ideas => ideas.map(|ideas| parse_all(&ideas, "evidence")).transpose(),
    }
}

impl RenegotiationDraftInput {
    pub(super) fn parse(self) -> Result<Draft, Failure> {
        let mut fields = Fields::default();
        let id = fields.keep(chosen(&self, self.id.as_ref()));
        let plan = fields.keep(parse(&self.plan, &["plan"]));
        let from = fields.keep(self.from.map(|id| parse(&id, &["from"])).transpose());
        let trigger = fields.keep(prose_maybe(self.trigger.as_deref(), "trigger"));
        let reason = fields.keep(prose_maybe(self.reason.as_deref(), "reason"));
        let trade_off = fields.keep(prose_maybe(self.trade_off.as_deref(), "tradeOff"));
        let evidence = fields.keep(evidence(self.evidence));
        let changes = fields.under(&[], self.changes.map(parse_changes).transpose())?;
        let decide_by = self.decide_by.map(|at| at.0);
        fields.finish(|| {
            let wish = WishRef {
                trigger: trigger?.map(Some),
                reason: reason?.map(Some),
                trade_off: trade_off?.map(Some),
                evidence: evidence?,
                changes: changes?,
                decide_by,
            };
            Some(Draft { id: id?, plan: plan?, from: from?, wish })
        })
    }
}

impl RenegotiationUpdateInput {
    pub(super) fn parse(self) -> Result<(RenegotiationId, WishRef, Option<u32>), Failure> {
        let mut fields = Fields::default();
        let id = fields.keep(parse(&self.renegotiation, &["renegotiation"]));
        let trigger = fields.keep(said(self.trigger, "trigger"));
        let reason = fields.keep(said(self.reason, "reason"));
        let trade_off = fields.keep(said(self.trade_off, "tradeOff"));
        let evidence = fields.keep(evidence(self.evidence));
        let changes = fields.under(&[], self.changes.map(parse_changes).transpose())?;
        let version = fields.keep(expected(self.expected_version));
        let decide_by = self.decide_by.map(|at| at.0);
        fields.finish(|| {
            let (trigger, reason, trade_off) = (trigger?, reason?, trade_off?);
            let wish = WishRef { trigger, reason, trade_off, evidence: evidence?, changes: changes?, decide_by };
            Some((id?, wish, version?))
        })
    }
}

impl RenegotiationDecideInput {
    pub(super) fn parse(self) -> Result<Decide, Failure> {
        let mut fields = Fields::default();
        let renegotiation = fields.keep(parse(&self.renegotiation, &["renegotiation"]));
        let meeting = fields.keep(parse(&self.meeting, &["meeting"]));
        let rationale = fields.keep(prose_maybe(self.rationale.as_deref(), "rationale"));
        let digest = fields.keep(digest(&self.digest));
        let expected = fields.keep(expected(self.expected_version));
        let outcome = self.outcome.into();
        fields.finish(|| {
            Some(Decide {
                renegotiation: renegotiation?,
                meeting: meeting?,
                outcome,
                rationale: rationale?,
                digest: digest?,
                expected: expected?,
            })
        })
    }
}
