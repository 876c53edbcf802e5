//! The rules that the database holds as a second line: a revision needs its approved renegotiation and says exactly
//! what that named; drafts freeze with the commit; decisions need their meeting. Foreign keys may be off: each
//! condition is repeated here.

use sea_orm_migration::{
    MigrationTrait, async_trait,
    prelude::{DbErr, DeriveMigrationName, SchemaManager},
};

use crate::dialect::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = Dialect::new(manager).await?;
        drafts(&db).await?;
        renegotiations(&db).await?;
        meetings(&db).await?;
        decisions(&db).await?;
        revisions(&db).await?;
        check_ins(&db).await
    }
}

async fn drafts(db: &Dialect<'_>) -> Result<(), DbErr> {
    for table in ["plan_draft", "objective_draft", "key_result_draft"] {
        db.guard_writes(
            &format!("{table}_frozen"),
            table,
            "EXISTS (SELECT 1 FROM plan_revision r WHERE r.plan_id = ROW.plan_id)",
            "COMMITMENT_LOCKED: the draft of a committed plan is frozen",
        )
        .await?;
    }
    Ok(())
}

async fn renegotiations(db: &Dialect<'_>) -> Result<(), DbErr> {
    db.guard_insert(
        "renegotiation_version_in_order",
        "renegotiation_version",
        "NEW.version <> (SELECT COALESCE(MAX(version), 0) + 1 FROM renegotiation_version v
                         WHERE v.renegotiation_id = NEW.renegotiation_id)
         OR EXISTS (SELECT 1 FROM decision d WHERE d.renegotiation_id = NEW.renegotiation_id)
         OR EXISTS (SELECT 1 FROM renegotiation_version v WHERE v.renegotiation_id = NEW.renegotiation_id
                    AND (v.status = 'WITHDRAWN' OR (v.status = 'PROPOSED' AND NEW.status = 'DRAFT')))
         OR (NEW.version = 1 AND NEW.status <> 'DRAFT'
             AND NOT EXISTS (SELECT 1 FROM renegotiation r WHERE r.id = NEW.renegotiation_id AND r.imported))",
        "ALREADY_DECIDED: a renegotiation moves from DRAFT to PROPOSED to its one decision",
    )
    .await?;
    db.guard_insert(
        "renegotiation_change_sealed",
        "renegotiation_change",
        "NEW.version <> (SELECT MAX(version) FROM renegotiation_version v
                         WHERE v.renegotiation_id = NEW.renegotiation_id)
         OR EXISTS (SELECT 1 FROM decision d WHERE d.renegotiation_id = NEW.renegotiation_id)
         OR NEW.place >= (SELECT change_count FROM renegotiation_version v
                          WHERE v.renegotiation_id = NEW.renegotiation_id AND v.version = NEW.version)
         OR NEW.place < 0",
        "STALE_BASE: a renegotiation names its changes once",
    )
    .await
}

async fn meetings(db: &Dialect<'_>) -> Result<(), DbErr> {
    db.guard_insert(
        "meeting_event_in_order",
        "meeting_event",
        "NEW.version <> (SELECT COALESCE(MAX(version), 0) + 1 FROM meeting_event e WHERE e.meeting_id = NEW.meeting_id)
         OR EXISTS (SELECT 1 FROM meeting_event e WHERE e.meeting_id = NEW.meeting_id
                    AND (e.status IN ('CLOSED', 'CANCELLED')
                         OR (e.status = 'OPEN' AND (NEW.status = 'PREPARED' OR NEW.kind <> e.kind
                                                    OR NEW.content_version <> e.content_version))))
         OR (NEW.version = 1 AND NEW.status <> 'PREPARED'
             AND NOT EXISTS (SELECT 1 FROM meeting m WHERE m.id = NEW.meeting_id AND m.imported))",
        "MEETING_KIND_FIXED: an open meeting keeps its kind, boundary and agenda",
    )
    .await?;
    for table in ["meeting_decided", "meeting_question", "meeting_out_of_scope", "meeting_agenda"] {
        db.guard_insert(
            &format!("{table}_stated"),
            table,
            "NOT EXISTS (SELECT 1 FROM meeting_event e WHERE e.meeting_id = NEW.meeting_id AND e.version = NEW.version
                         AND e.content_version = NEW.version
                         AND e.version = (SELECT MAX(version) FROM meeting_event l WHERE l.meeting_id = NEW.meeting_id))",
            "MEETING_KIND_FIXED: a boundary is stated when the meeting is prepared",
        )
        .await?;
    }
    db.guard_insert(
        "meeting_attendee_at_event",
        "meeting_attendee",
        "NEW.version <> (SELECT MAX(version) FROM meeting_event e WHERE e.meeting_id = NEW.meeting_id)",
        "an attendee joins with an event of the meeting",
    )
    .await
}

async fn decisions(db: &Dialect<'_>) -> Result<(), DbErr> {
    let imported = "EXISTS (SELECT 1 FROM renegotiation r JOIN meeting m ON m.id = NEW.meeting_id
                    WHERE r.id = NEW.renegotiation_id AND r.imported AND m.imported)";
    db.guard_insert(
        "decision_on_proposal",
        "decision",
        "NOT EXISTS (SELECT 1 FROM renegotiation_version v WHERE v.renegotiation_id = NEW.renegotiation_id
                     AND v.version = NEW.version AND v.status = 'PROPOSED' AND v.digest = NEW.digest
                     AND (NEW.at < v.decide_by)
                     AND v.version = (SELECT MAX(version) FROM renegotiation_version l
                                      WHERE l.renegotiation_id = NEW.renegotiation_id))
         OR NOT EXISTS (SELECT 1 FROM renegotiation r WHERE r.id = NEW.renegotiation_id AND r.plan_id = NEW.plan_id)",
        "STALE_BASE: a decision names what was proposed last, before its decide-by",
    )
    .await?;
    db.guard_insert(
        "decision_in_meeting",
        "decision",
        &format!(
            "NOT {imported} AND NOT EXISTS (
               SELECT 1 FROM meeting_event e JOIN meeting_agenda a ON a.meeting_id = e.meeting_id AND a.version = e.content_version
               JOIN meeting m ON m.id = e.meeting_id JOIN plan p ON p.id = NEW.plan_id AND p.team_id = m.team_id
               WHERE e.meeting_id = NEW.meeting_id AND a.renegotiation_id = NEW.renegotiation_id
               AND e.status = 'OPEN' AND e.kind = 'RENEGOTIATION'
               AND e.version = (SELECT MAX(version) FROM meeting_event l WHERE l.meeting_id = NEW.meeting_id))"
        ),
        "DECIDED_IN_MEETING: a decision is made in an open renegotiation meeting that has it on its agenda",
    )
    .await?;
    db.guard_insert(
        "decision_by_another",
        "decision",
        &format!(
            "(NEW.by_person IS NULL AND NOT {imported})
             OR EXISTS (SELECT 1 FROM renegotiation_author a WHERE a.renegotiation_id = NEW.renegotiation_id
                        AND a.person_id = NEW.by_person)"
        ),
        "NO_SELF_APPROVAL: nobody who wrote a renegotiation decides it",
    )
    .await?;
    db.guard_insert(
        "renegotiation_author_before_decision",
        "renegotiation_author",
        "EXISTS (SELECT 1 FROM decision d WHERE d.renegotiation_id = NEW.renegotiation_id)",
        "ALREADY_DECIDED: a decided renegotiation has no further authors",
    )
    .await
}

async fn revisions(db: &Dialect<'_>) -> Result<(), DbErr> {
    db.guard_insert(
        "plan_revision_renegotiated",
        "plan_revision",
        "NEW.number <> (SELECT COALESCE(MAX(number), 0) + 1 FROM plan_revision r WHERE r.plan_id = NEW.plan_id)
         OR EXISTS (SELECT 1 FROM plan_closure c WHERE c.plan_id = NEW.plan_id)
         OR EXISTS (SELECT 1 FROM plan_revision r WHERE r.renegotiation_id = NEW.renegotiation_id)
         OR (NEW.number > 1 AND NOT EXISTS (
               SELECT 1 FROM decision d
               JOIN renegotiation_version v ON v.renegotiation_id = d.renegotiation_id AND v.version = d.version
               WHERE d.renegotiation_id = NEW.renegotiation_id AND d.plan_id = NEW.plan_id
               AND d.outcome = 'APPROVED' AND v.base_revision = NEW.number - 1))",
        "COMMITMENT_LOCKED: a revision follows from one approved renegotiation of its plan",
    )
    .await?;
    db.guard_insert(
        "plan_revision_capacity",
        "plan_revision",
        "(NEW.number = 1 AND NOT EXISTS (
            SELECT 1 FROM plan_draft d WHERE d.plan_id = NEW.plan_id
            AND d.capacity IS NOT DISTINCT FROM NEW.capacity AND d.capacity_unit IS NOT DISTINCT FROM NEW.capacity_unit))
         OR (NEW.number > 1 AND NOT EXISTS (
            SELECT 1 FROM plan_revision r WHERE r.plan_id = NEW.plan_id AND r.number = NEW.number - 1
            AND r.capacity_unit IS NOT DISTINCT FROM NEW.capacity_unit
            AND (r.capacity IS NOT DISTINCT FROM NEW.capacity OR EXISTS (
              SELECT 1 FROM decision d
              JOIN renegotiation_change c ON c.renegotiation_id = d.renegotiation_id AND c.version = d.version
              WHERE d.renegotiation_id = NEW.renegotiation_id AND c.kind = 'CAPACITY_CHANGED'
              AND c.capacity IS NOT DISTINCT FROM NEW.capacity))))",
        "COMMITMENT_LOCKED: the capacity changes only as the renegotiation says",
    )
    .await?;
    version_guard(
        db,
        "objective",
        "d.position = NEW.position AND d.title = NEW.title AND d.rationale = NEW.rationale AND d.owner_id = NEW.owner_id
         AND d.load IS NOT DISTINCT FROM NEW.load AND d.contributes_to IS NOT DISTINCT FROM NEW.contributes_to",
        "c.title = NEW.title AND c.rationale = NEW.rationale AND c.owner_id = NEW.owner_id
         AND c.load IS NOT DISTINCT FROM NEW.load AND c.contributes_to IS NOT DISTINCT FROM NEW.contributes_to",
        ("OBJECTIVE_ADDED", "OBJECTIVE_AMENDED", "OBJECTIVE_DROPPED"),
    )
    .await?;
    version_guard(
        db,
        "key_result",
        "d.position = NEW.position AND d.objective_id = NEW.objective_id AND d.title = NEW.title
         AND d.owner_id = NEW.owner_id AND d.unit = NEW.unit AND d.baseline = NEW.baseline AND d.target = NEW.target",
        "c.objective_id = NEW.objective_id AND c.title = NEW.title AND c.owner_id = NEW.owner_id AND c.unit = NEW.unit
         AND c.baseline = NEW.baseline AND c.target = NEW.target",
        ("KEY_RESULT_ADDED", "KEY_RESULT_AMENDED", "KEY_RESULT_DROPPED"),
    )
    .await
}

/// A member of revision 1 equals its frozen draft; a later one equals a change that the deciders approved.
async fn version_guard(
    db: &Dialect<'_>,
    noun: &str,
    as_drafted: &str,
    as_named: &str,
    (added, amended, dropped): (&str, &str, &str),
) -> Result<(), DbErr> {
    db.guard_insert(
        &format!("{noun}_version_named"),
        &format!("{noun}_version"),
        &format!(
            "NEW.number <> (SELECT COALESCE(MAX(number), 0) FROM plan_revision r WHERE r.plan_id = NEW.plan_id)
             OR (NEW.number = 1 AND NOT EXISTS (
                   SELECT 1 FROM {noun}_draft d WHERE d.{noun}_id = NEW.{noun}_id AND d.plan_id = NEW.plan_id
                   AND NOT NEW.dropped AND {as_drafted}))
             OR (NEW.number > 1 AND NOT EXISTS (
                   SELECT 1 FROM plan_revision r
                   JOIN decision d ON d.renegotiation_id = r.renegotiation_id AND d.outcome = 'APPROVED'
                   JOIN renegotiation_change c ON c.renegotiation_id = d.renegotiation_id AND c.version = d.version
                   WHERE r.plan_id = NEW.plan_id AND r.number = NEW.number AND c.{noun}_id = NEW.{noun}_id
                   AND ((NEW.dropped AND c.kind = '{dropped}')
                        OR (NOT NEW.dropped AND c.kind IN ('{added}', '{amended}') AND {as_named}))))"
        ),
        "COMMITMENT_LOCKED: a revision says what its renegotiation named and nothing else",
    )
    .await
}

async fn check_ins(db: &Dialect<'_>) -> Result<(), DbErr> {
    db.guard_insert(
        "check_in_on_commitment",
        "check_in",
        "NOT EXISTS (SELECT 1 FROM key_result_version v WHERE v.key_result_id = NEW.key_result_id)
         OR (NEW.kind = 'CORRECTION' AND NEW.reason IS NULL)
         OR (NEW.kind <> 'CORRECTION' AND EXISTS (SELECT 1 FROM plan_closure c WHERE c.plan_id = NEW.plan_id))",
        "PLAN_CLOSED: a closed plan takes corrections only, each with its reason",
    )
    .await
}
