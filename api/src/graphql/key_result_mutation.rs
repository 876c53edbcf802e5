//! The mutations of a draft's key results. On a committed plan each answers `COMMITMENT_LOCKED`.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use holdline_domain::{ids::KeyResultId, permission::action::EditDraft};

use super::{
    chosen::chosen,
    fault::Fault,
    ids::{Pin, parse},
    input::{Fields, expected, line, line_maybe, named},
    key_result::{self, KeyResult},
    person::PersonRef,
    plan::Plan,
    plan_mutation::shown_plan,
    scalars::Decimal,
    session::session,
    user_error::UserError,
};
use crate::{
    failure::Failure,
    service::{KeyResultAdd, KeyResultEdit, MeasureInput},
};

/// What `keyResultAdd` takes.
#[derive(InputObject)]
struct KeyResultAddInput {
    /// An id of your choice; the same content again answers as before.
    id: Option<ID>,
    /// The objective, of a draft.
    objective: ID,
    /// What will be true.
    title: String,
    /// Who answers for it.
    owner: PersonRef,
    /// What is counted, such as `%` or `score`.
    unit: String,
    /// Where it stands.
    baseline: Decimal,
    /// Where it should stand; differs from the baseline.
    target: Decimal,
    /// The plan's version you saw; another one is `CONFLICT`.
    expected_version: Option<i32>,
}

/// What `keyResultUpdate` takes; what is left out stays.
#[derive(InputObject)]
struct KeyResultUpdateInput {
    /// The key result, of a draft.
    key_result: ID,
    /// What will be true.
    title: Option<String>,
    /// Who answers for it.
    owner: Option<PersonRef>,
    /// What is counted.
    unit: Option<String>,
    /// Where it stands.
    baseline: Option<Decimal>,
    /// Where it should stand; differs from the baseline.
    target: Option<Decimal>,
    /// The plan's version you saw; another one is `CONFLICT`.
    expected_version: Option<i32>,
}

/// What `keyResultRemove` takes.
#[derive(InputObject)]
struct KeyResultRemoveInput {
    /// The key result, of a draft.
    key_result: ID,
    /// The plan's version you saw; another one is `CONFLICT`.
    expected_version: Option<i32>,
}

/// What `keyResultAdd` answers.
#[derive(SimpleObject)]
struct KeyResultAddPayload {
    /// The key result; null where it was refused.
    key_result: Option<KeyResult>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

/// What `keyResultUpdate` answers.
#[derive(SimpleObject)]
struct KeyResultUpdatePayload {
    /// The key result; null where it was refused.
    key_result: Option<KeyResult>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

/// What `keyResultRemove` answers.
#[derive(SimpleObject)]
struct KeyResultRemovePayload {
    /// Always null: it is gone.
    key_result: Option<KeyResult>,
    /// The plan without it; null where it was refused.
    plan: Option<Plan>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

impl KeyResultAddInput {
    fn parse(self) -> Result<KeyResultAdd, Failure> {
        let mut fields = Fields::default();
        let id = fields.keep(chosen(&self, self.id.as_ref()));
        let objective = fields.keep(parse(&self.objective, &["objective"]));
        let title = fields.keep(line(&self.title, "title"));
        let owner = fields.keep(self.owner.parse("owner"));
        let unit = fields.keep(line(&self.unit, "unit"));
        let expected = fields.keep(expected(self.expected_version));
        let (baseline, target) = (self.baseline.0, self.target.0);
        fields.finish(|| {
            let measure = MeasureInput { unit: unit?, baseline, target };
            Some(KeyResultAdd {
                id: id?,
                objective: objective?,
                title: title?,
                owner: owner?,
                measure,
                expected: expected?,
            })
        })
    }
}

impl KeyResultUpdateInput {
    fn parse(self) -> Result<KeyResultEdit, Failure> {
        let mut fields = Fields::default();
        let key_result = fields.keep(parse(&self.key_result, &["keyResult"]));
        let title = fields.keep(line_maybe(self.title.as_deref(), "title"));
        let owner = fields.keep(self.owner.map(|owner| owner.parse("owner")).transpose());
        let unit = fields.keep(line_maybe(self.unit.as_deref(), "unit"));
        let expected = fields.keep(expected(self.expected_version));
        let (baseline, target) = (self.baseline.map(|value| value.0), self.target.map(|value| value.0));
        fields.finish(|| {
            Some(KeyResultEdit {
                key_result: key_result?,
                title: title?,
                owner: owner?,
                unit: unit?,
                baseline,
                target,
                expected: expected?,
            })
        })
    }
}

async fn shown_key_result(ctx: &Context<'_>, id: Option<KeyResultId>) -> Result<Option<KeyResult>, Fault> {
    match id {
        Some(id) => key_result::lookup(ctx, id, Pin::Live).await,
        None => Ok(None),
    }
}

/// Mutations about a draft's key results.
#[derive(Default)]
pub(super) struct KeyResultMutation;

#[Object]
impl KeyResultMutation {
    /// Adds a key result to an objective of a draft.
    async fn key_result_add(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key result to add.")] input: KeyResultAddInput,
    ) -> Result<KeyResultAddPayload, Fault> {
        let session = session(ctx);
        let job = async { session.service().key_result_add(session.caller(), input.parse()?).await };
        let (id, user_errors) = session.mutate::<EditDraft, _>(job).await?;
        Ok(KeyResultAddPayload { key_result: shown_key_result(ctx, id).await?, user_errors })
    }

    /// Edits a key result of a draft.
    async fn key_result_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key result and what to edit.")] input: KeyResultUpdateInput,
    ) -> Result<KeyResultUpdatePayload, Fault> {
        let session = session(ctx);
        let job = async { session.service().key_result_update(session.caller(), input.parse()?).await };
        let (id, user_errors) = session.mutate::<EditDraft, _>(job).await?;
        Ok(KeyResultUpdatePayload { key_result: shown_key_result(ctx, id).await?, user_errors })
    }

    /// Takes a key result out of a draft.
    async fn key_result_remove(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key result to take out.")] input: KeyResultRemoveInput,
    ) -> Result<KeyResultRemovePayload, Fault> {
        let session = session(ctx);
        let job = async {
            let (id, version) = named(&input.key_result, "keyResult", input.expected_version)?;
            session.service().key_result_remove(session.caller(), id, version).await
        };
        let (plan, user_errors) = session.mutate::<EditDraft, _>(job).await?;
        Ok(KeyResultRemovePayload { key_result: None, plan: shown_plan(session, plan).await?, user_errors })
    }
}
