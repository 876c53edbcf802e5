//! The whole service under load: a company's set of teams, plans and ideas, then four questions over real HTTP, each
//! beside the same result as one hand-written SQL statement on the same database, in one run.
//!
//! `cargo bench -p holdline-tests --bench load` on SQLite; `… -- --database postgres://…` on PostgreSQL, through pgbench.
//! `--scale 0.05` loads a twentieth, `--seconds 2` measures for less. Ratios tell; absolute figures are this machine's,
//! which the client shares with the service.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a benchmark that cannot go on says so")]

mod client;
mod content;
mod past;
mod questions;
mod reference;
mod same;
mod service;
mod set;

use std::{path::PathBuf, time::Duration};

use clap::Parser;

use self::{
    client::Run,
    past::Past,
    questions::{Manner, Question, Questions},
    reference::Reference,
    service::{Service, Usage},
    set::{Set, Size},
};

/// How many connections there are at once.
const CONNECTIONS: [usize; 3] = [1, 8, 64];

/// How long the service is left alone before it is called idle.
const REST: Duration = Duration::from_secs(12);

#[derive(Parser)]
struct Options {
    /// PostgreSQL, where a database is made and dropped again; SQLite in a folder where left out
    #[arg(long)]
    database: Option<String>,
    /// How much of the set is loaded
    #[arg(long, default_value_t = 1.0)]
    scale: f64,
    /// How long each figure is measured
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Where the store is kept for another run, which then loads nothing (SQLite)
    #[arg(long)]
    keep: Option<PathBuf>,
    /// Which questions are asked, as in Q1,Q4; all where left out
    #[arg(long, value_delimiter = ',', value_parser = Question::parse)]
    only: Vec<Question>,
    /// What cargo says
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main]
async fn main() {
    let options = Options::parse();
    let size = Size::scaled(options.scale);
    let mut service = Service::start(options.database.as_deref(), options.keep.as_deref()).await;
    println!("first answer           {:>9.1} ms after the start", service.first_answer.as_secs_f64() * 1e3);
    tokio::time::sleep(REST).await;
    println!("idle memory            {:>9.1} MiB", service.memory());
    let set = Set::load(&mut service, size).await;
    let past = Past::load(&mut service).await;
    service.settle().await;
    let questions = Questions::over(&service, &set).await;
    same::compare(&service, &questions, &set).await;
    let reference = Reference::over(&service).await;
    let time = Duration::from_secs(options.seconds);
    println!(
        "\n{:<9} {:>5} {:>9} {:>9} {:>9} {:>10} {:>9} {:>9} {:>7}",
        "", "conns", "per s", "p50 ms", "p99 ms", "µs CPU", "db µs CPU", "SQL", "ratio"
    );
    for question in Question::ALL {
        if !options.only.is_empty() && !options.only.contains(&question) {
            continue;
        }
        let yardstick = reference.per_second(question, time, &set).await;
        println!("{:<9} {:>5} {:>9.0}   {}", question.name(), "", yardstick, reference.named(question));
        for manner in question.manners() {
            for connections in CONNECTIONS {
                let before = service.usage().await;
                let run = questions.ask(question, *manner, connections, time).await;
                print((question, *manner), connections, &run, &service.usage().await.since(&before), yardstick);
            }
        }
    }
    let [brief, lengthy] = past.measure(&service, time).await.map(|run| run.per_second());
    println!("\nas of, 6 revisions on  {brief:>9.0} per s; 60 revisions on {lengthy:.0}, ratio {:.2}", lengthy / brief);
    if let Some(journal) = service.journal() {
        println!("\njournal after the run  {journal:>9.1} MiB");
    }
    println!("\nmemory after the run   {:>9.1} MiB, at most {:.1} MiB", service.memory(), service.peak());
    service.end().await;
}

fn print((question, manner): (Question, Manner), connections: usize, run: &Run, used: &Usage, yardstick: f64) {
    let answers = f64::from(u32::try_from(run.count()).unwrap());
    println!(
        "{:<3}{:<6} {connections:>5} {:>9.0} {:>9.2} {:>9.2} {:>10.0} {:>9.0} {:>9.2} {:>7.2}",
        question.name(),
        manner.name(),
        run.per_second(),
        run.quantile(0.5),
        run.quantile(0.99),
        used.service.as_secs_f64() * 1e6 / answers,
        used.database.as_secs_f64() * 1e6 / answers,
        used.statements / answers,
        run.per_second() / yardstick
    );
}
