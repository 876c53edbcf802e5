//! A page shows what its visitor's token shows, and nothing of other teams; forms are for who may send them.

use holdline_domain::permission::Role;

use super::{entries_of, of_team};
use crate::{
    support::{Server, Visitor},
    world::{World, unknown},
};

#[tokio::test]
async fn the_pages_of_another_team_are_as_if_they_were_not_there() {
    let server = Server::start().await;
    let theirs = World::furnish(&server, "THEIRS", "foreign", None).await;
    let ours = World::furnish(&server, "OURS", "own", Some(&theirs)).await;
    let visitor =
        Visitor::signed_in(&server, &server.caller_with("one-team", &holdline_domain::permission::Scope::ALL, "OURS"))
            .await;

    for path in of_team(&ours).iter().chain([&"/".to_owned()]) {
        let page = visitor.sees(path).await;
        assert!(!page.text.contains("foreign") && !page.text.contains("THEIRS"), "{path} tells of another team");
    }
    for (path, like) in of_team(&theirs).into_iter().map(|path| {
        let like = path.replace("THEIRS", "NONE");
        let like = match like.strip_prefix("/meetings/") {
            Some(meeting) => format!("/meetings/{}", unknown(meeting)),
            None => like,
        };
        (path, like)
    }) {
        let (theirs, nobodys) = (visitor.get(&path).await, visitor.get(&like).await);
        assert_eq!((theirs.status, theirs.words()), (404, nobodys.words()), "{path}");
    }
    let (there, not) = (entries_of(&server, "THEIRS").await[0], 1_000_000);
    let (theirs, nobodys) =
        (visitor.get(&format!("/audit/{there}")).await, visitor.get(&format!("/audit/{not}")).await);
    assert_eq!((theirs.status, theirs.words()), (404, nobodys.words()));
}

#[tokio::test]
async fn who_may_only_read_sees_no_form_and_sends_none() {
    let server = Server::start().await;
    let world = World::furnish(&server, "PAY", "own", None).await;
    let visitor = Visitor::signed_in(&server, &server.caller("viewer", Role::Viewer, "PAY")).await;
    let meeting = format!("/meetings/{}", world.id("meeting"));

    let page = visitor.sees(&meeting).await;
    assert_eq!(page.text.matches("<form").count(), 1, "nothing but signing out: {}", page.text);
    for act in ["record", "dispose", "open", "close", "decide", "acknowledge"] {
        let fields = [
            ("text", "Words"),
            ("name", "Me"),
            ("way", "NOTED"),
            ("revision", "2"),
            ("input", world.id("input")),
            ("renegotiation", world.id("reneg")),
            ("digest", "0"),
            ("outcome", "APPROVED"),
            ("rationale", "x"),
        ];
        let refused = visitor.post(&format!("{meeting}/{act}"), &fields).await;
        assert_eq!(refused.status, 403, "{act}");
        assert!(refused.words().contains("Your token does not allow this"), "{act}: {}", refused.words());
    }
    let log = visitor.get("/audit/0").await;
    assert_eq!(log.status, 403);
    assert!(log.words().contains("audit:read"), "{}", log.words());
}
