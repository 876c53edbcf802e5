//! How an input names the changes of a renegotiation: exactly one kind each.

use async_graphql::{ID, InputObject, MaybeUndefined, OneofObject};
use holdline_domain::{refusal::Refusal, renegotiation_request::ChangeRequest};

use super::{
    ids::parse,
    input::{Fields, edit, line, line_maybe, prose, prose_maybe},
    person::PersonRef,
    scalars::Decimal,
};
use crate::{
    failure::Failure,
    service::{ChangeRef, MeasureInput},
};

/// One change that a renegotiation would make.
#[derive(OneofObject)]
pub(super) enum CommitmentChangeInput {
    /// A further objective with its key results.
    AddObjective(AddObjectiveInput),
    /// Other terms for an objective.
    AmendObjective(AmendObjectiveInput),
    /// An objective goes, with its key results.
    DropObjective(DropInput),
    /// A further key result.
    AddKeyResult(AddKeyResultInput),
    /// Other terms for a key result.
    AmendKeyResult(AmendKeyResultInput),
    /// A key result goes; the last one takes its objective along.
    DropKeyResult(DropInput),
    /// Another capacity.
    SetCapacity(SetCapacityInput),
}

/// An objective to be added by a renegotiation.
#[derive(InputObject)]
pub(super) struct AddObjectiveInput {
    /// What will be reached.
    title: String,
    /// Why it matters.
    rationale: String,
    /// Who answers for it.
    owner: PersonRef,
    /// What it weighs; needed where the plan has a capacity.
    load: Option<Decimal>,
    /// The objective that it helps.
    contributes_to: Option<ID>,
    /// Its key results, at least one.
    key_results: Vec<AddedKeyResultInput>,
}

/// A key result of an added objective.
#[derive(InputObject)]
pub(super) struct AddedKeyResultInput {
    /// What will be true.
    title: String,
    /// Who answers for it.
    owner: PersonRef,
    /// What is counted.
    unit: String,
    /// Where it stands.
    baseline: Decimal,
    /// Where it should stand; differs from the baseline.
    target: Decimal,
}

/// Other terms for an objective; what is left out stays, null clears.
#[derive(InputObject)]
pub(super) struct AmendObjectiveInput {
    /// The objective.
    objective: ID,
    /// What will be reached.
    title: Option<String>,
    /// Why it matters.
    rationale: Option<String>,
    /// Who answers for it.
    owner: Option<PersonRef>,
    /// What it weighs.
    load: MaybeUndefined<Decimal>,
    /// The objective that it helps.
    contributes_to: MaybeUndefined<ID>,
}

/// What goes, and why: the objective for `dropObjective`, the key result for `dropKeyResult`.
#[derive(InputObject)]
pub(super) struct DropInput {
    /// The objective that goes.
    objective: Option<ID>,
    /// The key result that goes.
    key_result: Option<ID>,
    /// Why it goes.
    why: Option<String>,
}

/// A key result to be added by a renegotiation.
#[derive(InputObject)]
pub(super) struct AddKeyResultInput {
    /// The objective that it measures.
    objective: ID,
    /// What will be true.
    title: String,
    /// Who answers for it.
    owner: PersonRef,
    /// What is counted.
    unit: String,
    /// Where it stands.
    baseline: Decimal,
    /// Where it should stand; differs from the baseline.
    target: Decimal,
    /// What the objective weighs with it; needed where the plan has a capacity.
    objective_load: Option<Decimal>,
}

/// Other terms for a key result; what is left out stays.
#[derive(InputObject)]
pub(super) struct AmendKeyResultInput {
    /// The key result.
    key_result: ID,
    /// What will be true.
    title: Option<String>,
    /// Who answers for it.
    owner: Option<PersonRef>,
    /// What is counted.
    unit: Option<String>,
    /// Where it stood.
    baseline: Option<Decimal>,
    /// Where it should stand; differs from the baseline.
    target: Option<Decimal>,
}

/// Another capacity.
#[derive(InputObject)]
pub(super) struct SetCapacityInput {
    /// What the team can carry; null where it no longer counts it.
    capacity: Option<Decimal>,
}

/// All changes, each malformed field named by its place.
pub(super) fn parse_changes(changes: Vec<CommitmentChangeInput>) -> Result<Vec<ChangeRef>, Failure> {
    let (mut fields, mut parsed) = (Fields::default(), Vec::with_capacity(changes.len()));
    for (place, change) in changes.into_iter().enumerate() {
        let name = change.name();
        parsed.extend(fields.under(&["changes", &place.to_string(), name], change.parse())?);
    }
    fields.finish(|| Some(parsed))
}

impl CommitmentChangeInput {
    const fn name(&self) -> &'static str {
        match self {
            Self::AddObjective(_) => "addObjective",
            Self::AmendObjective(_) => "amendObjective",
            Self::DropObjective(_) => "dropObjective",
            Self::AddKeyResult(_) => "addKeyResult",
            Self::AmendKeyResult(_) => "amendKeyResult",
            Self::DropKeyResult(_) => "dropKeyResult",
            Self::SetCapacity(_) => "setCapacity",
        }
    }

    fn parse(self) -> Result<ChangeRef, Failure> {
        match self {
            Self::AddObjective(input) => input.parse(),
            Self::AmendObjective(input) => input.parse(),
            Self::AddKeyResult(input) => input.parse(),
            Self::AmendKeyResult(input) => input.parse(),
            Self::DropObjective(input) => {
                let missing =
                    || Refusal::invalid(&["objective"], "dropObjective names its objective, and no key result.");
                let id = input.objective.as_ref().filter(|_| input.key_result.is_none()).ok_or_else(missing)?;
                let (id, why) = (parse(id, &["objective"])?, prose_maybe(input.why.as_deref(), "why")?);
                Ok(ChangeRef::Plain(ChangeRequest::DropObjective { id, why }))
            }
            Self::DropKeyResult(input) => {
                let missing =
                    || Refusal::invalid(&["keyResult"], "dropKeyResult names its key result, and no objective.");
                let id = input.key_result.as_ref().filter(|_| input.objective.is_none()).ok_or_else(missing)?;
                let (id, why) = (parse(id, &["keyResult"])?, prose_maybe(input.why.as_deref(), "why")?);
                Ok(ChangeRef::Plain(ChangeRequest::DropKeyResult { id, why }))
            }
            Self::SetCapacity(input) => {
                Ok(ChangeRef::Plain(ChangeRequest::SetCapacity(input.capacity.map(|capacity| capacity.0))))
            }
        }
    }
}

impl AddObjectiveInput {
    fn parse(self) -> Result<ChangeRef, Failure> {
        let mut fields = Fields::default();
        let title = fields.keep(line(&self.title, "title"));
        let rationale = fields.keep(prose(&self.rationale, "rationale"));
        let owner = fields.keep(self.owner.parse("owner"));
        let target = self.contributes_to.map(|id| parse(&id, &["contributesTo"])).transpose();
        let contributes_to = fields.keep(target);
        let mut key_results = Vec::with_capacity(self.key_results.len());
        for (place, added) in self.key_results.into_iter().enumerate() {
            key_results.extend(fields.under(&["keyResults", &place.to_string()], added.parse())?);
        }
        let load = self.load.map(|load| load.0);
        fields.finish(|| {
            Some(ChangeRef::AddObjective {
                title: title?,
                rationale: rationale?,
                owner: owner?,
                load,
                contributes_to: contributes_to?,
                key_results,
            })
        })
    }
}

impl AddedKeyResultInput {
    fn parse(self) -> Result<(holdline_domain::text::Line, crate::service::PersonRef, MeasureInput), Failure> {
        let mut fields = Fields::default();
        let title = fields.keep(line(&self.title, "title"));
        let owner = fields.keep(self.owner.parse("owner"));
        let unit = fields.keep(line(&self.unit, "unit"));
        let (baseline, target) = (self.baseline.0, self.target.0);
        fields.finish(|| Some((title?, owner?, MeasureInput { unit: unit?, baseline, target })))
    }
}

impl AmendObjectiveInput {
    fn parse(self) -> Result<ChangeRef, Failure> {
        let mut fields = Fields::default();
        let id = fields.keep(parse(&self.objective, &["objective"]));
        let title = fields.keep(line_maybe(self.title.as_deref(), "title"));
        let rationale = fields.keep(self.rationale.map(|text| prose(&text, "rationale")).transpose());
        let owner = fields.keep(self.owner.map(|owner| owner.parse("owner")).transpose());
        let load = fields.keep(edit(self.load, |load| Ok(load.0)));
        let contributes_to = fields.keep(edit(self.contributes_to, |id| parse(&id, &["contributesTo"])));
        fields.finish(|| {
            Some(ChangeRef::AmendObjective {
                id: id?,
                title: title?,
                rationale: rationale?,
                owner: owner?,
                load: load?,
                contributes_to: contributes_to?,
            })
        })
    }
}

impl AddKeyResultInput {
    fn parse(self) -> Result<ChangeRef, Failure> {
        let mut fields = Fields::default();
        let objective = fields.keep(parse(&self.objective, &["objective"]));
        let title = fields.keep(line(&self.title, "title"));
        let owner = fields.keep(self.owner.parse("owner"));
        let unit = fields.keep(line(&self.unit, "unit"));
        let (baseline, target) = (self.baseline.0, self.target.0);
        let objective_load = self.objective_load.map(|load| load.0);
        fields.finish(|| {
            let measure = MeasureInput { unit: unit?, baseline, target };
            let (objective, title, owner) = (objective?, title?, owner?);
            Some(ChangeRef::AddKeyResult { objective, title, owner, measure, objective_load })
        })
    }
}

impl AmendKeyResultInput {
    fn parse(self) -> Result<ChangeRef, Failure> {
        let mut fields = Fields::default();
        let id = fields.keep(parse(&self.key_result, &["keyResult"]));
        let title = fields.keep(line_maybe(self.title.as_deref(), "title"));
        let owner = fields.keep(self.owner.map(|owner| owner.parse("owner")).transpose());
        let unit = fields.keep(line_maybe(self.unit.as_deref(), "unit"));
        let (baseline, target) = (self.baseline.map(|value| value.0), self.target.map(|value| value.0));
        fields.finish(|| {
            Some(ChangeRef::AmendKeyResult { id: id?, title: title?, owner: owner?, unit: unit?, baseline, target })
        })
    }
}
