//! The mutations of a draft's objectives. On a committed plan each answers `COMMITMENT_LOCKED`.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use holdline_domain::{ids::ObjectiveId, permission::action::EditDraft};

use super::{
    chosen::chosen,
    fault::Fault,
    ids::{Pin, parse},
    input::{Fields, edit, expected, line, line_maybe, named, prose},
    objective::{self, Objective},
    person::PersonRef,
    plan::Plan,
    plan_mutation::shown_plan,
    scalars::Decimal,
    session::session,
    user_error::UserError,
};
use crate::{
    failure::Failure,
    service::{ObjectiveAdd, ObjectiveEdit},
};

/// What `objectiveAdd` takes.
#[derive(InputObject)]
struct ObjectiveAddInput {
    /// An id of your choice; the same content again answers as before.
    id: Option<ID>,
    /// The plan, a draft.
    plan: ID,
    /// What will be reached.
    title: String,
    /// Why it matters.
    rationale: String,
    /// Who answers for it.
    owner: PersonRef,
    /// What it weighs, in the plan's capacity unit; needed where the plan has a capacity.
    load: Option<Decimal>,
    /// The objective, of any team in the same or an earlier quarter, that it helps.
    contributes_to: Option<ID>,
    /// The plan's version you saw; another one is `CONFLICT`.
    expected_version: Option<i32>,
}

/// What `objectiveUpdate` takes; what is left out stays, null clears.
#[derive(InputObject)]
struct ObjectiveUpdateInput {
    /// The objective, of a draft.
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
    /// The plan's version you saw; another one is `CONFLICT`.
    expected_version: Option<i32>,
}

/// What `objectiveRemove` takes.
#[derive(InputObject)]
struct ObjectiveRemoveInput {
    /// The objective, of a draft; its key results go with it.
    objective: ID,
    /// The plan's version you saw; another one is `CONFLICT`.
    expected_version: Option<i32>,
}

/// What `objectiveAdd` answers.
#[derive(SimpleObject)]
struct ObjectiveAddPayload {
    /// The objective; null where it was refused.
    objective: Option<Objective>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

/// What `objectiveUpdate` answers.
#[derive(SimpleObject)]
struct ObjectiveUpdatePayload {
    /// The objective; null where it was refused.
    objective: Option<Objective>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

/// What `objectiveRemove` answers.
#[derive(SimpleObject)]
struct ObjectiveRemovePayload {
    /// Always null: it is gone.
    objective: Option<Objective>,
    /// The plan without it; null where it was refused.
    plan: Option<Plan>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

impl ObjectiveAddInput {
    fn parse(self) -> Result<ObjectiveAdd, Failure> {
        let mut fields = Fields::default();
        let id = fields.keep(chosen(&self, self.id.as_ref()));
        let plan = fields.keep(parse(&self.plan, &["plan"]));
        let title = fields.keep(line(&self.title, "title"));
        let rationale = fields.keep(prose(&self.rationale, "rationale"));
        let owner = fields.keep(self.owner.parse("owner"));
        let target = self.contributes_to.map(|id| parse(&id, &["contributesTo"])).transpose();
        let contributes_to = fields.keep(target);
        let expected = fields.keep(expected(self.expected_version));
        let load = self.load.map(|load| load.0);
        fields.finish(|| {
            Some(ObjectiveAdd {
                id: id?,
                plan: plan?,
                title: title?,
                rationale: rationale?,
                owner: owner?,
                load,
                contributes_to: contributes_to?,
                expected: expected?,
            })
        })
    }
}

impl ObjectiveUpdateInput {
    fn parse(self) -> Result<ObjectiveEdit, Failure> {
        let mut fields = Fields::default();
        let objective = fields.keep(parse(&self.objective, &["objective"]));
        let title = fields.keep(line_maybe(self.title.as_deref(), "title"));
        let rationale = fields.keep(self.rationale.map(|text| prose(&text, "rationale")).transpose());
        let owner = fields.keep(self.owner.map(|owner| owner.parse("owner")).transpose());
        let load = fields.keep(edit(self.load, |load| Ok(load.0)));
        let contributes_to = fields.keep(edit(self.contributes_to, |id| parse(&id, &["contributesTo"])));
        let expected = fields.keep(expected(self.expected_version));
        fields.finish(|| {
            Some(ObjectiveEdit {
                objective: objective?,
                title: title?,
                rationale: rationale?,
                owner: owner?,
                load: load?,
                contributes_to: contributes_to?,
                expected: expected?,
            })
        })
    }
}

async fn shown_objective(ctx: &Context<'_>, id: Option<ObjectiveId>) -> Result<Option<Objective>, Fault> {
    match id {
        Some(id) => objective::lookup(ctx, id, Pin::Live).await,
        None => Ok(None),
    }
}

/// Mutations about a draft's objectives.
#[derive(Default)]
pub(super) struct ObjectiveMutation;

#[Object]
impl ObjectiveMutation {
    /// Adds an objective to a draft.
    async fn objective_add(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The objective to add.")] input: ObjectiveAddInput,
    ) -> Result<ObjectiveAddPayload, Fault> {
        let session = session(ctx);
        let job = async { session.service().objective_add(session.caller(), input.parse()?).await };
        let (id, user_errors) = session.mutate::<EditDraft, _>(job).await?;
        Ok(ObjectiveAddPayload { objective: shown_objective(ctx, id).await?, user_errors })
    }

    /// Edits an objective of a draft.
    async fn objective_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The objective and what to edit.")] input: ObjectiveUpdateInput,
    ) -> Result<ObjectiveUpdatePayload, Fault> {
        let session = session(ctx);
        let job = async { session.service().objective_update(session.caller(), input.parse()?).await };
        let (id, user_errors) = session.mutate::<EditDraft, _>(job).await?;
        Ok(ObjectiveUpdatePayload { objective: shown_objective(ctx, id).await?, user_errors })
    }

    /// Takes an objective out of a draft, with its key results.
    async fn objective_remove(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The objective to take out.")] input: ObjectiveRemoveInput,
    ) -> Result<ObjectiveRemovePayload, Fault> {
        let session = session(ctx);
        let job = async {
            let (id, version) = named(&input.objective, "objective", input.expected_version)?;
            session.service().objective_remove(session.caller(), id, version).await
        };
        let (plan, user_errors) = session.mutate::<EditDraft, _>(job).await?;
        Ok(ObjectiveRemovePayload { objective: None, plan: shown_plan(session, plan).await?, user_errors })
    }
}
