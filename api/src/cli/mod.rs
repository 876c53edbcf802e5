//! The command line: one file per command. Results go to stdout, progress and logs to stderr; the exit code is 0 for
//! done, 1 for done with refused rows or findings, 2 for could not run.
//! Refuses rules and statements: commands call the service as the API does.

mod audit;
mod audit_checkpoint;
mod audit_export;
mod audit_verify;
mod audit_watch;
mod backup;
mod demo;
mod doctor;
mod erase;
mod import_deals;
mod import_okrs;
mod lock;
mod migrate;
mod okr_plans;
mod okr_rows;
mod output;
mod owner;
mod progress;
mod restore;
mod serve;
mod stop;
mod store;
mod store_file;
mod table;
mod telemetry;
mod token;
mod watched;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use serde_json::json;
use tokio::runtime::Builder;

use self::{stop::Stop, telemetry::Telemetry};
use crate::{
    clock::Clock,
    config::{LogFormat, Settings},
};

const EXAMPLES: &str = "\
Examples:
  holdline serve --demo                  look around in a throw-away store
  holdline serve                         run it on ./holdline-data, at http://127.0.0.1:8080
  holdline token issue --subject planner@example.com --role planner --teams PAY
                                         a token for a planner of the team PAY, for eight hours
  holdline import okrs --okrs okrs.csv --changes changes.csv --check-ins checkins.csv
                                         bring in the quarters that were
  holdline import deals deals.csv --system hubspot --team PAY --map external_id=id,idea=product,account=company
                                         bring in what customers ask for
  holdline doctor                        look over what it needs, and say how it is put right
  holdline backup copy.db                copy the record while it is in use
  holdline audit verify                  re-check the record: the log, its checkpoints, the rows, the promise itself

Exit codes: 0 done; 1 done, but rows were refused or the verifier found something; 2 could not run.";

/// Keeps a product team's quarter from being quietly rewritten.
#[derive(Parser)]
#[command(name = "holdline", version, after_help = EXAMPLES)]
struct Cli {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the service
    Serve(Box<serve::Serve>),
    /// Bring the database's schema up to date, as its owner where that is another login than the service's
    Migrate(migrate::Migrate),
    /// Print the GraphQL schema
    Schema,
    /// Issue or revoke tokens
    #[command(subcommand)]
    Token(token::Command),
    /// Verify the record, watch it from elsewhere, export it, and print or sign its checkpoints
    #[command(subcommand)]
    Audit(audit::Command),
    /// Bring in a team's history
    #[command(subcommand)]
    Import(Import),
    /// Copy the record while the service runs, and verify the copy
    Backup(backup::Backup),
    /// Put a backup in place, unless its log is shorter than a checkpoint says
    Restore(restore::Restore),
    /// Look over what the service needs, and say what is wrong and how it is put right
    Doctor(doctor::Doctor),
    /// Erase a person's name and identity, while no server has the store open
    Erase(erase::Erase),
}

#[derive(Subcommand)]
enum Import {
    /// Quarters of objectives and key results, with what was changed and how it went
    Okrs(import_okrs::ImportOkrs),
    /// Deals of a CRM, each asking for an idea
    Deals(import_deals::ImportDeals),
}

/// How a command ended that could run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    Done,
    WithRefusals,
    WithFindings,
}

// Each field that is resolved within another is polled within it: the deepest document that is let in takes up to 3 MiB of
// stack in a debug build, where a thread has 2 MiB unless told otherwise, and an overflow ends the process.
const STACK: usize = 16 * 1024 * 1024;

/// How long what is still running may take to notice that the process ends.
const FAREWELL: std::time::Duration = std::time::Duration::from_secs(2);

/// Runs the command that the process was started with.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let in_json = cli.settings.log_format() == LogFormat::Json;
    let telemetry = match Telemetry::start(&cli.settings) {
        Ok(telemetry) => telemetry,
        Err(stop) => return stopped(&stop, false),
    };
    let ran = run(cli);
    let code = match ran {
        Ok(Ended::Done) => ExitCode::SUCCESS,
        Ok(Ended::WithRefusals | Ended::WithFindings) => ExitCode::from(1),
        Err(stop) => stopped(&stop, in_json),
    };
    telemetry.end();
    code
}

/// Says why a command could not run, whatever else is logged; as an object like the log's where those are asked for.
fn stopped(stop: &Stop, in_json: bool) -> ExitCode {
    output::tell(&if in_json {
        let (now, said) = (Clock::system().now().to_string(), stop.to_string());
        json!({ "timestamp": now, "level": "ERROR", "fields": { "message": said }, "target": "holdline" }).to_string()
    } else {
        format!("holdline: {stop}")
    });
    ExitCode::from(2)
}

fn run(cli: Cli) -> Result<Ended, Stop> {
    let settings = &cli.settings;
    match cli.command {
        Command::Schema => output::say(crate::graphql::sdl().trim_end()).map(|()| Ended::Done),
        Command::Token(token::Command::Issue(issue)) => issue.run(settings),
        Command::Token(token::Command::Revoke(revoke)) => wait(revoke.run(settings)),
        Command::Erase(erase) => wait(erase.run(settings)),
        Command::Backup(backup) => wait(backup.run(settings)),
        Command::Restore(restore) => wait(restore.run(settings)),
        Command::Doctor(doctor) => wait(doctor.run(settings)),
        Command::Serve(serve) => wait(serve.run(settings)),
        Command::Migrate(migrate) => wait(migrate.run(settings)),
        Command::Audit(audit) => wait(audit.run(settings)),
        Command::Import(Import::Deals(import)) => wait(import.run(settings)),
        Command::Import(Import::Okrs(import)) => wait(import.run(settings)),
    }
}

fn wait(command: impl Future<Output = Result<Ended, Stop>>) -> Result<Ended, Stop> {
    let runtime = Builder::new_multi_thread().thread_stack_size(STACK).enable_all().build();
    let runtime = runtime.map_err(|error| Stop::new(format!("No threads to run on: {error}.")))?;
    let ended = runtime.block_on(command);
    // What is still running by then had its time to finish.
    runtime.shutdown_timeout(FAREWELL);
    ended
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
