//! The rule tables of customer requests: DEAL_ONCE, and which of two posts counts.
//! Any order of any posts ends the same, and a post again is nothing.

use proptest::prelude::{Just, ProptestConfig, Strategy, prop, prop_assert, prop_assert_eq, proptest};

use crate::{
    customer_request::{CustomerRequest, Known, Posted, Posting, RequestPost},
    deal::{Deal, DealKey, DealPost, DealStatus, DealTerms},
    idea::{Idea, IdeaStatus, IdeaTerms},
    money::{Currency, Money},
    permission::{Permit, action::PostRequests},
    refusal::Code,
    story_tests::{PLANNER, actor, codes, day, id, line, permit, prose, quantity, team},
    time::Timestamp,
};

fn post_requests() -> Permit<PostRequests> {
    permit(PLANNER)
}

fn idea() -> Idea {
    let terms = IdeaTerms { title: line("Export"), body: None, external: None, impact: None, effort: None };
    Idea { id: id(1), team: team().id, terms, status: IdeaStatus::New, created_at: day(0), version: 1 }
}

/// What the deal says, at an instant of its source; `word` is its stage and the request's note.
fn post(word: &str, said: Option<Timestamp>) -> RequestPost {
    let terms = DealTerms {
        url: None,
        account: Some(line("an account")),
        stage: Some(line(word)),
        status: DealStatus::Open,
        amount: Some(Money::new(quantity("10.5"), Currency::parse("USD").unwrap()).unwrap()),
        opened_on: None,
        closed_on: None,
    };
    let key = DealKey { system: line("crm"), external_id: line("42") };
    let deal = DealPost { key, terms, contact: None, source_updated_at: said };
    RequestPost { deal: Some(deal), account: None, note: Some(prose(word)) }
}

fn by_account(note: &str) -> RequestPost {
    RequestPost { deal: None, account: Some(line("an account")), note: Some(prose(note)) }
}

/// The ids that a new request and a new deal get, and when.
fn posting(idea: &Idea, request: u128, chosen: bool, now: Timestamp) -> Posting<'_> {
    Posting { idea, request: id(request), chosen, deal: id(request + 100), contact: None, meeting: None, now }
}

/// What is known after posts, and how many of them changed something.
fn after(mut known: Known, posts: &[RequestPost]) -> (Known, usize) {
    let (mut changes, idea) = (0, idea());
    for (place, post) in (10..).zip(posts) {
        if let Some(change) = post.post(&post_requests(), &known, &posting(&idea, place, false, day(5))).unwrap() {
            changes += 1;
            let Posted { request, deal, .. } = change.into_state();
            known = Known { deal: deal.or(known.deal), request: Some(request) };
        }
    }
    (known, changes)
}

/// What a request says and counts for; ids and first sight are the order's.
fn content(known: &Known) -> (Option<(DealTerms, crate::deal::Stamp)>, Option<CustomerRequest>) {
    let deal = known.deal.as_ref().map(|deal| (deal.terms.clone(), deal.stamp));
    let request = known.request.clone().map(|request| CustomerRequest { id: id(0), deal: None, ..request });
    (deal, request)
}

fn stage(known: &Known) -> String {
    known.deal.as_ref().unwrap().terms.stage.as_ref().unwrap().to_string()
}

fn note(known: &Known) -> String {
    known.request.as_ref().unwrap().note.as_ref().unwrap().to_string()
}

#[test]
fn a_chosen_id_is_the_requests_own_or_refused() {
    let (known, _) = after(Known::default(), &[post("a", Some(day(1)))]);
    let table =
        [("its own", 10, true, vec![]), ("another", 77, true, vec![Code::DealOnce]), ("none", 77, false, vec![])];

    for (name, request, chosen, expected) in table {
        for again in [post("a", Some(day(1))), post("b", Some(day(2)))] {
            let idea = idea();
            let answer = again.post(&post_requests(), &known, &posting(&idea, request, chosen, day(5)));
            assert_eq!(codes(answer), expected, "{name}");
        }
    }
    let (known, _) = after(Known::default(), &[by_account("a")]);
    let second = by_account("b");
    assert_eq!(codes(second.post(&post_requests(), &known, &posting(&idea(), 77, true, day(5)))), [Code::DealOnce]);
}

#[test]
fn a_request_names_who_asks() {
    let nobody = RequestPost { deal: None, account: None, note: Some(prose("please")) };

    assert_eq!(codes(nobody.check()), [Code::Invalid]);
    assert_eq!(
        codes(nobody.post(&post_requests(), &Known::default(), &posting(&idea(), 10, false, day(5)))),
        [Code::Invalid]
    );
}

#[test]
fn the_newer_post_counts_and_where_none_is_newer_the_greater_digest() {
    let greater =
        |said| if post("a", said).deal.unwrap().stamp() > post("b", said).deal.unwrap().stamp() { "a" } else { "b" };
    let table = [
        ("newer", Some(day(1)), Some(day(2)), "b"),
        ("older", Some(day(2)), Some(day(1)), "a"),
        ("said against unsaid", None, Some(day(1)), "b"),
        ("unsaid against said", Some(day(1)), None, "a"),
        ("equal", Some(day(1)), Some(day(1)), greater(Some(day(1)))),
        ("absent", None, None, greater(None)),
    ];

    for (name, first, second, expected) in table {
        let (known, _) = after(Known::default(), &[post("a", first), post("b", second)]);
        assert_eq!(stage(&known), expected, "{name}");
    }
}

#[test]
fn a_note_is_as_new_as_the_deal_that_came_with_it() {
    let (known, changes) = after(Known::default(), &[post("b", Some(day(2))), post("a", Some(day(1)))]);

    assert_eq!((note(&known).as_str(), changes), ("b", 1));
}

#[test]
fn a_post_again_is_nothing() {
    for post in [post("a", Some(day(1))), post("a", None), by_account("a")] {
        let (_, changes) = after(Known::default(), &[post.clone(), post]);
        assert_eq!(changes, 1);
    }
}

#[test]
fn news_of_the_deal_alone_is_a_change_of_the_request_that_brought_it() {
    let (known, _) = after(Known::default(), &[post("a", Some(day(1)))]);
    let mut moved = post("b", Some(day(1)));
    moved.note = Some(prose("a"));
    let newer =
        RequestPost { deal: moved.deal.map(|deal| DealPost { source_updated_at: Some(day(3)), ..deal }), ..moved };

    let change = newer.post(&post_requests(), &known, &posting(&idea(), 11, false, day(5))).unwrap().unwrap();

    assert!(change.entry().before.canonical().contains(r#""stage":"a""#), "{}", change.entry().before.canonical());
    assert!(change.entry().after.canonical().contains(r#""stage":"b""#));
    assert!(!change.state().is_new);
    assert_eq!(change.state().request.id, id(10));
}

fn withdrawn(known: Known, at: Timestamp) -> Known {
    let (request, deal): (CustomerRequest, Option<Deal>) = (known.request.unwrap(), known.deal);
    let change = request.withdraw(&post_requests(), team().id, deal.as_ref(), Some(prose("sold elsewhere")), at);
    Known { request: Some(change.unwrap().into_state().request), deal }
}

#[test]
fn a_withdrawal_says_why_and_happens_once() {
    let (known, _) = after(Known::default(), &[post("a", Some(day(1)))]);
    let gone = withdrawn(known.clone(), day(3));
    let why = || Some(prose("sold elsewhere"));
    let table = [
        (&known, why(), vec![]),
        (&known, None, vec![Code::ReasonRequired]),
        (&gone, why(), vec![Code::Conflict]),
        (&gone, None, vec![Code::Conflict, Code::ReasonRequired]),
    ];

    for (known, reason, expected) in table {
        let request = known.request.clone().unwrap();
        let answer = request.withdraw(&post_requests(), team().id, known.deal.as_ref(), reason, day(4));
        assert_eq!(codes(answer), expected);
    }
    assert_eq!(gone.request.unwrap().withdrawn_at, Some(day(3)));
}

#[test]
fn a_withdrawn_request_comes_back_only_with_a_post_from_after_its_withdrawal() {
    let table = [
        ("before", Some(day(2)), false),
        ("the instant itself", Some(day(3)), false),
        ("after", Some(day(4)), true),
        ("unsaid", None, false),
    ];

    for (name, said, back) in table {
        let (known, _) = after(Known::default(), &[post("a", Some(day(1)))]);
        let (known, _) = after(withdrawn(known, day(3)), &[post("b", said)]);
        assert_eq!(known.request.unwrap().withdrawn_at.is_none(), back, "{name}");
    }
    let (known, _) = after(Known::default(), &[by_account("a")]);
    let (known, _) = after(withdrawn(known, day(3)), &[by_account("b"), by_account("c")]);
    assert_eq!(known.request.unwrap().withdrawn_at, Some(day(3)), "an account's posts have no instant");
}

#[test]
fn a_token_bound_to_one_system_posts_for_no_other() {
    let mut bound = actor(PLANNER, &[]);
    assert_eq!(codes(bound.posts_for(&line("other"), &["deal", "system"])), []);
    bound.system = Some("crm".into());

    assert_eq!(codes(bound.posts_for(&line("crm"), &["deal", "system"])), []);
    for other in ["other", "CRM", "crm2"] {
        assert_eq!(codes(bound.posts_for(&line(other), &["deal", "system"])), [Code::Invalid], "{other}");
    }
}

/// Posts about one deal and idea: few words and instants, so that equal and contradicting ones are common.
fn posts() -> impl Strategy<Value = (Vec<RequestPost>, Vec<RequestPost>)> {
    let said = prop::option::of(1_i64..4).prop_map(|at| at.map(day));
    let status = prop::sample::select(vec![DealStatus::Open, DealStatus::Won, DealStatus::Lost]);
    let one = ("[ab]", "[ab]", status, said).prop_map(|(word, noted, status, said)| {
        let mut post = post(&word, said);
        post.note = Some(prose(&noted));
        post.deal = post.deal.map(|deal| DealPost { terms: DealTerms { status, ..deal.terms }, ..deal });
        post
    });
    prop::collection::vec(one, 1..8).prop_flat_map(|posts| (Just(posts.clone()), Just(posts).prop_shuffle()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_any_posts_ends_the_same_and_posting_twice_changes_nothing((posts, shuffled) in posts()) {
        let (known, changes) = after(Known::default(), &posts);
        let (other, _) = after(Known::default(), &shuffled);
        prop_assert_eq!(content(&known), content(&other));
        prop_assert!(changes >= 1);

        let (again, changes) = after(known.clone(), &shuffled);
        prop_assert_eq!(content(&known), content(&again));
        prop_assert_eq!(changes, 0);
    }
}
