//! The story ends where the page says: the edit was counted, and an approver can decide.

use chrono_tz::Tz;
use holdline_domain::{renegotiation::Outcome, time::FiscalCalendar};

use super::*;
use crate::{
    app::{CHECK_EVERY, Options, Signing},
    auth::Keys,
    http::HttpSettings,
    service::Decide,
    store::{DatabaseUrl, Reader},
};

async fn told(folder: &std::path::Path) -> (std::sync::Arc<App>, Story) {
    let calendar = FiscalCalendar::new(1, Tz::UTC).unwrap();
    let clock = DemoClock::new(calendar);
    let (database, keys) = (DatabaseUrl::in_folder(folder), Keys::ephemeral().unwrap());
    let app = App::open(Options {
        database,
        calendar,
        keys: keys.into(),
        provider: None,
        clock: clock.clock(),
        signing: Signing::Off,
        check_every: CHECK_EVERY,
        http: HttpSettings::default(),
        targets: crate::webhook::Targets::default(),
        hooks: crate::crm::Hooks::default(),
    })
    .await
    .unwrap();
    let story = Story::seed(&app, &clock).await.unwrap();
    (app, story)
}

async fn decide(app: &App, story: &Story, role: Role) -> Result<(), Failure> {
    let decide = Decide {
        renegotiation: story.renegotiation,
        meeting: story.meeting,
        outcome: Outcome::Approved,
        rationale: Some(prose("Worth it.").unwrap()),
        digest: story.digest,
        expected: None,
    };
    let caller = caller(app, role).await.unwrap();
    app.service().renegotiation_decide(&caller, decide).await.map(|_| ())
}

async fn latest(reader: &Reader, story: &Story) -> (PlanId, u32) {
    let plans = reader.plans_of_objectives(&[story.objective]).await.unwrap();
    let plan = plans[&story.objective];
    (plan, reader.plans(&[plan]).await.unwrap()[0].latest())
}

#[tokio::test]
async fn the_refused_edit_is_counted_and_the_renegotiation_waits_for_an_approver() {
    let folder = tempfile::tempdir().unwrap();
    let (app, story) = told(folder.path()).await;
    let reader = app.reader(Teams::All);
    let (plan, before) = latest(&reader, &story).await;
    let refusals = reader.refusals_of_plans(&[plan]).await.unwrap();

    let by_planner = decide(&app, &story, Role::Planner).await;
    let by_approver = decide(&app, &story, Role::Approver).await;

    reader.refresh().await;
    assert_eq!((before, &*refusals[&plan]), (1, &[("COMMITMENT_LOCKED".to_owned(), 1)][..]));
    assert!(matches!(by_planner, Err(Failure::Forbidden(_))));
    assert!(by_approver.is_ok(), "{by_approver:?}");
    assert_eq!(latest(&reader, &story).await.1, 2);
}
