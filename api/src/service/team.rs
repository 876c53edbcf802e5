//! Teams: create, rename, archive.

use holdline_domain::{
    ids::TeamId,
    permission::action::{ImportHistory, ManageTeams},
    plan::expect_version,
    team::Team,
    text::{Line, Prose, TeamKey},
};

use super::{Caller, PostMode, Service, found};
use crate::{
    failure::Failure,
    store::{Chosen, Claim},
};

/// A team to be made.
#[derive(Debug, Clone)]
pub struct TeamCreate {
    /// A client-chosen id.
    pub id: Option<Chosen<TeamId>>,
    /// Its key, for ever.
    pub key: TeamKey,
    /// Its name.
    pub name: Line,
}

impl Service {
    /// Makes a team.
    pub async fn team_create(&self, caller: &Caller, input: TeamCreate) -> Result<TeamId, Failure> {
        let permit = caller.actor.require::<ManageTeams>()?;
        self.write(caller, "teamCreate", move |tx| {
            Box::pin(async move {
                let id = match tx.claim(input.id).await? {
                    Claim::Free(id) => id,
                    Claim::Made(id, _) => return Ok(id),
                };
                let taken = tx.team_key_taken(&input.key).await?;
                let change = Team::create(&permit, id, input.key, input.name, taken)?;
                Ok(tx.create(change, input.id).await?.0.id)
            })
        })
        .await
    }

    /// Renames a team.
    pub async fn team_update(
        &self,
        caller: &Caller,
        key: TeamKey,
        name: Line,
        expected: Option<u32>,
    ) -> Result<TeamId, Failure> {
        let permit = caller.actor.require::<ManageTeams>()?;
        self.write(caller, "teamUpdate", move |tx| {
            Box::pin(async move {
                let team = found(tx.team(&key).await?, "team", "team", &key)?;
                expect_version("team", team.version, expected)?;
                Ok(tx.apply(team.rename(&permit, name)).await?.0.id)
            })
        })
        .await
    }

    /// Makes a team that an imported file is for, where it is new; answers whether it was. A dry run makes none.
    pub async fn team_ensure(&self, caller: &Caller, key: TeamKey, mode: PostMode) -> Result<bool, Failure> {
        let permit = caller.actor.require::<ImportHistory>()?;
        self.write(caller, "import", move |tx| {
            Box::pin(async move {
                let is_new = tx.team(&key).await?.is_none();
                if is_new && mode != PostMode::DryRun {
                    tx.apply(Team::import(&permit, tx.id(), key)?).await?;
                }
                Ok(is_new)
            })
        })
        .await
    }

    /// Archives a team.
    pub async fn team_archive(
        &self,
        caller: &Caller,
        key: TeamKey,
        reason: Option<Prose>,
        expected: Option<u32>,
    ) -> Result<TeamId, Failure> {
        let permit = caller.actor.require::<ManageTeams>()?;
        self.write(caller, "teamArchive", move |tx| {
            Box::pin(async move {
                let team = found(tx.team(&key).await?, "team", "team", &key)?;
                expect_version("team", team.version, expected)?;
                let committed = tx.team_committed_quarter(team.id, tx.now()).await?;
                if let Some(quarter) = committed
                    && let Some(plan) = tx.plan_of(team.id, quarter).await?
                {
                    tx.concerns(team.id, plan.head().id);
                }
                Ok(tx.apply(team.archive(&permit, reason, committed, tx.now())?).await?.0.id)
            })
        })
        .await
    }
}
