//! Access: the teams that a caller's token holds, by id.
//! Every load takes it, so that a foreign team looks exactly like one that does not exist.

use std::collections::BTreeSet;

use holdline_domain::{actor::Teams, ids::TeamId};
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QuerySelect as _};

use crate::failure::Failure;

/// The teams that may be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// Every team.
    All,
    /// These.
    Only(BTreeSet<TeamId>),
}

impl Access {
    /// Looks up the keys that a token holds.
    pub(super) async fn load(db: &impl ConnectionTrait, teams: &Teams) -> Result<Self, Failure> {
        let Teams::Only(keys) = teams else { return Ok(Self::All) };
        let ids: Vec<uuid::Uuid> = holdline_entity::team::Entity::find()
            .select_only()
            .column(holdline_entity::team::Column::Id)
            .filter(holdline_entity::team::Column::Key.is_in(keys.iter().map(holdline_domain::text::TeamKey::as_str)))
            .into_tuple()
            .all(db)
            .await?;
        Ok(Self::Only(ids.into_iter().map(TeamId::from).collect()))
    }

    /// Whether a team may be seen.
    #[must_use]
    pub fn holds(&self, team: TeamId) -> bool {
        match self {
            Self::All => true,
            Self::Only(teams) => teams.contains(&team),
        }
    }

    /// Adds a team that this very transaction made.
    pub(super) fn admit(&mut self, team: TeamId) {
        if let Self::Only(teams) = self {
            teams.insert(team);
        }
    }
}
