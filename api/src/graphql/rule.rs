//! The rules in the API: each with its statement, the way that is open instead, and how often it held.

use async_graphql::{Context, Object};
use holdline_domain::rules;

use super::{
    fault::Fault,
    scalars::Date,
    session::{reading, session},
    user_error::UserErrorCode,
};

/// A rule.
pub(super) struct Rule(&'static rules::Rule);

/// A rule that this service holds, for everybody.
#[Object]
impl Rule {
    /// Its code, the same as in `userErrors`.
    async fn code(&self) -> UserErrorCode {
        self.0.code.into()
    }
    /// What it says.
    async fn statement(&self) -> &'static str {
        self.0.statement
    }
    /// The way that is open to someone it stopped.
    async fn remedy(&self) -> Option<&'static str> {
        self.0.remedy
    }
    /// How often it held the line of a committed plan of the teams that the token holds; statistics.
    async fn refusals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those of this day (UTC) and later.")] since: Option<Date>,
    ) -> Result<i32, Fault> {
        let since = since.map(|date| date.0);
        let counted = session(ctx).reader().refusals_of_code(self.0.code.name(), since).await?;
        Ok(i32::try_from(counted).unwrap_or(i32::MAX))
    }
}

/// Queries about rules.
#[derive(Default)]
pub(super) struct RuleQuery;

#[Object]
impl RuleQuery {
    /// Every rule, in the order in which refusals are reported.
    async fn rules(&self, ctx: &Context<'_>) -> Result<Vec<Rule>, Fault> {
        reading(ctx)?;
        Ok(rules::ALL.iter().map(Rule).collect())
    }
}
