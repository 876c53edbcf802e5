//! The rule table of an erasure, and what somebody erased can still do: be named by nothing new, write nothing, and
//! have nothing of theirs copied.

use crate::{
    actor::Teams,
    audit::{AuditAction, Subject},
    erasure::Erased,
    facts::Facts,
    lineage::Lineage,
    permission::{Permit, Scope, action::ErasePeople},
    person::Person,
    refusal::Code,
    renegotiation::{Outcome, Renegotiation},
    renegotiation_draft::{Origin, Wish},
    story_tests::{
        AFTERWARDS, APPROVER, OWNER, PLANNER, actor, codes, committed, day, decided, drafted, id, permit, proposed,
        prose, retitle,
    },
    text::{Prose, TeamKey},
};

fn somebody(number: u128) -> Person {
    actor(number, &[]).person
}

fn erased(number: u128) -> Person {
    Person { erased_at: Some(day(0)), ..somebody(number) }
}

fn why() -> Prose {
    prose("they asked for it")
}

#[test]
fn a_person_is_erased_once_with_a_reason_and_not_while_their_words_wait_for_a_decision() {
    let plan = committed();
    let words = || vec![retitle(1, "Better words")];
    let draft = || drafted(10, &plan, words());
    let proposal = || Renegotiation::Proposed(proposed(11, &plan, words()));
    let withdrawn = proposal().withdraw(&permit(PLANNER), Some(why()), day(1)).unwrap().into_state();
    let concluded = decided(proposed(12, &plan, words()), &plan, Outcome::Rejected);
    let concluded = Renegotiation::Decided(concluded.proposed, concluded.decision);
    let table = [
        ("nothing written", somebody(PLANNER), Some(why()), vec![], 1, vec![]),
        ("no reason", somebody(PLANNER), None, vec![], 1, vec![Code::ReasonRequired]),
        ("erased before", erased(PLANNER), Some(why()), vec![], 1, vec![Code::Conflict]),
        ("a draft", somebody(PLANNER), Some(why()), vec![draft()], 1, vec![Code::Conflict]),
        ("a draft that lapsed", somebody(PLANNER), Some(why()), vec![draft()], AFTERWARDS, vec![]),
        ("a proposal", somebody(PLANNER), Some(why()), vec![proposal()], 14, vec![Code::Conflict]),
        ("a proposal that expired", somebody(PLANNER), Some(why()), vec![proposal()], 15, vec![]),
        ("a withdrawn one and a decided one", somebody(PLANNER), Some(why()), vec![withdrawn, concluded], 3, vec![]),
        ("a proposal of somebody else", somebody(APPROVER), Some(why()), vec![proposal()], 3, vec![]),
        (
            "all of it",
            erased(PLANNER),
            None,
            vec![draft()],
            1,
            vec![Code::Conflict, Code::Conflict, Code::ReasonRequired],
        ),
    ];

    for (name, person, reason, written, now, expected) in table {
        assert_eq!(codes(person.erase(&permit(OWNER), reason, &written, day(now))), expected, "{name}");
    }
}

#[test]
fn a_refused_erasure_names_all_that_waits_and_the_way_out() {
    let plan = committed();
    let words = || vec![retitle(1, "Better words")];
    let written = [drafted(10, &plan, words()), Renegotiation::Proposed(proposed(11, &plan, words()))];

    let refused = somebody(PLANNER).erase(&permit(OWNER), Some(why()), &written, day(1)).unwrap_err();

    let refusal = &refused.list()[0];
    for renegotiation in &written {
        assert!(refusal.message.contains(&renegotiation.record().id.to_string()), "{}", refusal.message);
    }
    assert!(refusal.remedy.as_ref().unwrap().contains("renegotiationWithdraw"), "{refusal:?}");
}

#[test]
fn a_token_of_some_teams_erases_nobody_and_hears_of_no_team() {
    let mut some = actor(OWNER, &[Scope::Admin]);
    some.teams = Teams::Only([TeamKey::parse("REPORTS").unwrap()].into());
    let permit: Permit<ErasePeople> = some.require().unwrap();
    let written = [drafted(10, &committed(), vec![retitle(1, "Better words")])];

    assert_eq!(codes(somebody(PLANNER).erase(&permit, None, &written, day(1))), [Code::Invalid]);
}

#[test]
fn the_entry_says_who_and_why_and_holds_no_name() {
    let person = somebody(PLANNER);

    let change = person.erase(&permit(OWNER), Some(why()), &[], day(1)).unwrap();

    let (entry, facts) =
        (change.entry(), |erased| Facts::map([("kind", Facts::text("PERSON")), ("erased", Facts::Bool(erased))]));
    assert_eq!((entry.action, entry.subject), (AuditAction::PersonErased, Subject::Person(person.id)));
    assert_eq!((&entry.before, &entry.after), (&facts(false), &facts(true)));
    assert_eq!(entry.reason.as_deref(), Some("they asked for it"));
    assert_eq!(change.into_state(), Erased { person: person.id, at: day(1) });
}

#[test]
fn somebody_erased_is_named_for_nothing_new_and_writes_nothing() {
    let code = |refused: Option<crate::refusal::Refusal>| refused.map(|refusal| refusal.code);

    for (person, expected) in [(somebody(PLANNER), None), (erased(PLANNER), Some(Code::Conflict))] {
        assert_eq!(code(person.still_acts().err()), expected);
        assert_eq!(code(person.named(&["owner", "id"]).err()), expected);
    }
}

#[test]
fn what_somebody_erased_has_written_is_not_copied() {
    let plan = committed();
    let original = Renegotiation::Proposed(proposed(10, &plan, vec![retitle(1, "Better words")]));
    let original = original.withdraw(&permit(PLANNER), Some(why()), day(2)).unwrap().into_state();
    let copied = Some((&original, &plan.commitment));
    let table = [
        ("an author is erased", Origin { copied, erased: Some(id(PLANNER)), meeting: None }, vec![Code::Conflict]),
        ("all authors are there", Origin { copied, erased: None, meeting: None }, vec![]),
    ];

    for (name, origin, expected) in table {
        let lineage = Lineage::default();
        let copy = Renegotiation::draft(&permit(APPROVER), id(11), &plan, origin, Wish::default(), &lineage, day(3));
        assert_eq!(codes(copy), expected, "{name}");
    }
}
