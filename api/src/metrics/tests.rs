use holdline_domain::refusal::Code;

use super::*;

#[test]
fn what_is_counted_is_told_under_stable_names() {
    let metrics = Metrics::default();
    let refused: holdline_domain::refusal::Refusals =
        holdline_domain::refusal::Refusal::new(Code::CommitmentLocked, "The line is held.").into();

    metrics.answered("/graphql", 200, Duration::from_millis(3));
    metrics.recalled();
    for outcome in [Err(Failure::Refused(refused)), Err(Failure::Unavailable("no room".into())), Ok(())] {
        metrics.wrote(&outcome);
    }
    metrics.asked(Duration::from_millis(500));
    metrics.committed(3);
    let stored = Some(Stored { log_entries: 7, signed_entries: 6, webhook_lag: 2, pending: 1, dead: 0 });
    let text = metrics.text(&Levels { pools: vec![("reads", 1, 3)], stored }).unwrap();

    for line in [
        "holdline_requests_total{route=\"/graphql\",status=\"200\"} 1",
        "holdline_request_seconds_bucket{le=\"0.005\",route=\"/graphql\"} 1",
        "holdline_recalled_total 1",
        "holdline_refusals_total{rule=\"COMMITMENT_LOCKED\"} 1",
        "holdline_failed_writes_total 1",
        "holdline_sql_statements_total 1",
        "holdline_sql_seconds_total 0.5",
        "holdline_commits_total 1",
        "holdline_commit_jobs_sum 3.0",
        "holdline_pool_connections{pool=\"reads\",state=\"used\"} 1",
        "holdline_database_up 1",
        "holdline_log_entries 7",
        "holdline_checkpoint_entries 6",
        "holdline_webhook_lag_entries 2",
        "holdline_webhook_deliveries{status=\"pending\"} 1",
    ] {
        assert!(text.lines().any(|told| told == line), "{line}\n{text}");
    }
}

#[test]
fn the_dashboard_and_the_document_ask_for_nothing_that_is_not_told() {
    let metrics = Metrics::default();
    // Families are told once they have a member.
    metrics.answered("/graphql", 200, Duration::ZERO);
    metrics.wrote(&Err(holdline_domain::refusal::Refusal::new(Code::Conflict, "It was used.").into()));
    let levels = Levels { pools: vec![("reads", 0, 1)], stored: Some(Stored::default()) };
    let text = metrics.text(&levels).unwrap();
    let asked = [include_str!("../../deploy/grafana.json"), include_str!("../../docs/operate.md")].join(" ");
    let names =
        asked.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| word.starts_with("holdline_"));

    let names: std::collections::BTreeSet<_> = names.collect();
    assert!(names.len() > 10, "{names:?}");
    for name in names {
        let told =
            ["_total", "_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
        assert!(text.contains(&format!("# TYPE {told} ")), "{name}");
    }
}

#[test]
fn a_database_that_is_away_keeps_what_it_said_last() {
    let metrics = Metrics::default();
    let stored = Some(Stored { log_entries: 7, ..Stored::default() });

    metrics.text(&Levels { pools: Vec::new(), stored }).unwrap();
    let text = metrics.text(&Levels::default()).unwrap();

    assert!(text.contains("holdline_database_up 0\n") && text.contains("holdline_log_entries 7\n"), "{text}");
}
