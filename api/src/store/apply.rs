//! Applying changes: the one trait by which a new state becomes rows, and the small nouns that need little else.
//! `Tx::apply` has logged the entry before any of these runs; each row points to it.

use holdline_domain::{
    acknowledgement::Acknowledgement,
    check_in::CheckIn,
    check_in::{CheckInKind, Confidence},
    ids::Id,
    settings::{LogKey, RevokedToken, Setting},
    team::Team,
    time::Timestamp,
};
use holdline_entity::{acknowledgement, check_in, revoked_token, team};
use sea_orm::{ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::{row, tx::Tx};
use crate::failure::Failure;

/// A state that can be kept.
pub trait Apply: Sized + Send + Sync {
    /// Writes the rows of this state; `seq` is its entry, `at` when it takes effect.
    fn apply(&self, tx: &Tx, seq: i64, at: Timestamp) -> impl Future<Output = Result<(), Failure>> + Send;
}

impl Apply for Team {
    async fn apply(&self, tx: &Tx, seq: i64, _at: Timestamp) -> Result<(), Failure> {
        let row = team::ActiveModel {
            id: Set(self.id.uuid()),
            key: Set(self.key.to_string()),
            name: Set(self.name.to_string()),
            archived_at: Set(self.archived_at.map(Timestamp::micros)),
            version: Set(row::stored(self.version)?),
            audit_seq: Set(seq),
        };
        if self.version == 1 {
            tx.admit(self.id);
            team::Entity::insert(row).exec_without_returning(&tx.db).await?;
        } else {
            let before = row::stored(self.version - 1)?;
            let update = team::Entity::update_many().set(row).filter(team::Column::Id.eq(self.id.uuid()));
            let done = update.filter(team::Column::Version.eq(before)).exec(&tx.db).await?;
            if done.rows_affected != 1 {
                return Err(Failure::internal("a team moved under the lock"));
            }
        }
        Ok(())
    }
}

impl Apply for Setting {
    async fn apply(&self, tx: &Tx, seq: i64, _at: Timestamp) -> Result<(), Failure> {
        super::setting::keep(tx, self.name, &self.value, seq).await
    }
}

impl Apply for LogKey {
    async fn apply(&self, tx: &Tx, seq: i64, _at: Timestamp) -> Result<(), Failure> {
        super::setting::keep(tx, super::setting::LOG_KEY, self.verifier.as_str(), seq).await
    }
}

impl Apply for RevokedToken {
    async fn apply(&self, tx: &Tx, seq: i64, _at: Timestamp) -> Result<(), Failure> {
        let row = revoked_token::ActiveModel { token_id: Set(self.token_id.to_string()), audit_seq: Set(seq) };
        revoked_token::Entity::insert(row).exec_without_returning(&tx.db).await?;
        Ok(())
    }
}

impl Apply for CheckIn {
    async fn apply(&self, tx: &Tx, seq: i64, at: Timestamp) -> Result<(), Failure> {
        let plan = super::plan::of_key_results(&tx.db, &[self.key_result]).await?;
        let (_, plan) = plan.get(&self.key_result).ok_or_else(|| row::missing("key result"))?;
        let reading = &self.reading;
        check_in::Entity::insert(check_in::ActiveModel {
            id: Set(self.id.uuid()),
            key_result_id: Set(self.key_result.uuid()),
            plan_id: Set(plan.uuid()),
            kind: Set(match reading.kind {
                CheckInKind::Progress => check_in::CheckInKind::Progress,
                CheckInKind::MidQuarter => check_in::CheckInKind::MidQuarter,
                CheckInKind::Projected => check_in::CheckInKind::Projected,
                CheckInKind::Final => check_in::CheckInKind::Final,
                CheckInKind::Correction => check_in::CheckInKind::Correction,
            }),
            value: Set(reading.value.to_string()),
            confidence: Set(reading.confidence.map(|confidence| match confidence {
                Confidence::OnTrack => check_in::Confidence::OnTrack,
                Confidence::AtRisk => check_in::Confidence::AtRisk,
                Confidence::OffTrack => check_in::Confidence::OffTrack,
            })),
            note: Set(reading.note.as_ref().map(ToString::to_string)),
            reason: Set(reading.reason.as_ref().map(ToString::to_string)),
            by_person: Set(self.by.map(Id::uuid)),
            at: Set(at.micros()),
            audit_seq: Set(seq),
        })
        .exec_without_returning(&tx.db)
        .await?;
        Ok(())
    }
}

impl Apply for Acknowledgement {
    async fn apply(&self, tx: &Tx, seq: i64, at: Timestamp) -> Result<(), Failure> {
        acknowledgement::Entity::insert(acknowledgement::ActiveModel {
            id: Set(self.id.uuid()),
            meeting_id: Set(self.meeting.uuid()),
            plan_id: Set(self.plan.uuid()),
            revision: Set(row::stored(self.revision)?),
            person_id: Set(self.person.uuid()),
            dissent: Set(self.dissent.as_ref().map(ToString::to_string)),
            at: Set(at.micros()),
            audit_seq: Set(seq),
        })
        .exec_without_returning(&tx.db)
        .await?;
        Ok(())
    }
}
