//! The matrix of rights: each action's scope against each role.
//! Holds the table as domain.md has it ("People and rights").

use crate::{
    actor::Teams,
    permission::{
        Action, Forbidden, Role, Scope,
        action::{
            Administer, ClosePlan, CommitPlan, DecideRenegotiation, DraftRenegotiation, EditDraft, ErasePeople,
            HoldMeetings, ImportHistory, ManageTeams, ProposeRenegotiation, ReadAudit, ReadPlans, RecordCheckIn,
        },
    },
    story_tests::{PLANNER, actor},
    text::TeamKey,
};

fn row<A: Action>() -> [bool; 7] {
    Role::ALL.map(|role| actor(PLANNER, role.scopes()).require::<A>().is_ok())
}

fn marks(text: &str) -> [bool; 7] {
    let marks: Vec<_> = text.bytes().map(|mark| mark == b'x').collect();
    marks.try_into().unwrap()
}

#[test]
fn each_action_is_open_to_the_roles_whose_scopes_name_it() {
    // viewer, contributor, planner, approver, integration, auditor, admin
    let table = [
        ("ReadPlans", Scope::Read, ReadPlans::SCOPE, row::<ReadPlans>(), "xxxx.xx"),
        ("ReadAudit", Scope::AuditRead, ReadAudit::SCOPE, row::<ReadAudit>(), ".....xx"),
        ("ManageTeams", Scope::Admin, ManageTeams::SCOPE, row::<ManageTeams>(), "......x"),
        ("EditDraft", Scope::PlansWrite, EditDraft::SCOPE, row::<EditDraft>(), "..xx..."),
        ("CommitPlan", Scope::PlansWrite, CommitPlan::SCOPE, row::<CommitPlan>(), "..xx..."),
        ("ClosePlan", Scope::PlansWrite, ClosePlan::SCOPE, row::<ClosePlan>(), "..xx..."),
        ("RecordCheckIn", Scope::CheckInsWrite, RecordCheckIn::SCOPE, row::<RecordCheckIn>(), ".xxx..."),
        (
            "DraftRenegotiation",
            Scope::RenegotiationsDraft,
            DraftRenegotiation::SCOPE,
            row::<DraftRenegotiation>(),
            ".xxx...",
        ),
        (
            "ProposeRenegotiation",
            Scope::RenegotiationsPropose,
            ProposeRenegotiation::SCOPE,
            row::<ProposeRenegotiation>(),
            "..xx...",
        ),
        (
            "DecideRenegotiation",
            Scope::RenegotiationsDecide,
            DecideRenegotiation::SCOPE,
            row::<DecideRenegotiation>(),
            "...x...",
        ),
        ("HoldMeetings", Scope::MeetingsWrite, HoldMeetings::SCOPE, row::<HoldMeetings>(), ".xxx..."),
        ("ImportHistory", Scope::Admin, ImportHistory::SCOPE, row::<ImportHistory>(), "......x"),
        ("Administer", Scope::Admin, Administer::SCOPE, row::<Administer>(), "......x"),
        ("ErasePeople", Scope::Admin, ErasePeople::SCOPE, row::<ErasePeople>(), "......x"),
    ];

    for (action, expected_scope, scope, found, expected) in table {
        assert_eq!((scope, found), (expected_scope, marks(expected)), "{action}");
    }
}

#[test]
fn a_role_bundles_the_scopes_of_the_documented_table() {
    let table = [
        (Role::Viewer, "read"),
        (Role::Contributor, "read ideas:write roadmap:write checkins:write meetings:write renegotiations:draft"),
        (
            Role::Planner,
            "read ideas:write roadmap:write checkins:write meetings:write renegotiations:draft plans:write \
             renegotiations:propose",
        ),
        (
            Role::Approver,
            "read ideas:write roadmap:write checkins:write meetings:write renegotiations:draft plans:write \
             renegotiations:propose renegotiations:decide",
        ),
        (Role::Integration, "ideas:write requests:write"),
        (Role::Auditor, "read audit:read audit:export"),
        (Role::Admin, "read audit:read admin"),
    ];

    for (role, expected) in table {
        let found: Vec<_> = role.scopes().iter().map(|scope| scope.name()).collect();
        assert_eq!(found.join(" "), expected, "{}", role.name());
        assert_eq!(actor(PLANNER, role.scopes()).role(), role.name());
    }
}

#[test]
fn a_refusal_names_the_missing_scope() {
    let contributor = actor(PLANNER, Role::Contributor.scopes());

    let refused = contributor.require::<CommitPlan>().map(|_| ());

    assert_eq!(refused, Err(Forbidden { missing: Scope::PlansWrite }));
    assert_eq!(actor(PLANNER, &[Scope::Admin]).role(), "custom");
}

#[test]
fn a_scope_is_read_by_its_own_name_only() {
    for scope in Scope::ALL {
        assert_eq!(Scope::parse(scope.name()), Some(scope));
    }
    for name in ["", "READ", "read ", "plans", "plans:*"] {
        assert_eq!(Scope::parse(name), None, "{name}");
    }
}

#[test]
fn a_token_holds_the_teams_that_it_names() {
    let key = |text| TeamKey::parse(text).unwrap();
    let table = [
        (Teams::All, "REPORTS", true),
        (Teams::Only([key("REPORTS")].into()), "REPORTS", true),
        (Teams::Only([key("REPORTS")].into()), "reports", false),
        (Teams::Only([key("SEARCH")].into()), "REPORTS", false),
        (Teams::Only([].into()), "REPORTS", false),
    ];

    for (teams, team, expected) in table {
        assert_eq!(teams.hold(&key(team)), expected, "{teams:?} {team}");
    }
}
