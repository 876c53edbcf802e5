//! The hooks of CRMs: a TOML file that names them, with their secrets.

use std::path::PathBuf;

use clap::Args;
use holdline_domain::time::FiscalCalendar;

use super::Unusable;
use crate::crm::Hooks;

/// The settings of `holdline serve` for what CRMs send.
#[derive(Args, Clone)]
#[command(next_help_heading = "Hooks")]
pub struct HookSettings {
    /// The hooks of CRMs under /hooks: a TOML file that only its owner may read; docs/hooks.md says what stands in it
    #[arg(long, value_name = "FILE", env = "HOLDLINE_HOOKS")]
    hooks: Option<PathBuf>,
}

impl HookSettings {
    /// The hooks, none where no file is named.
    pub fn hooks(&self, calendar: FiscalCalendar) -> Result<Hooks, Unusable> {
        let Some(file) = &self.hooks else { return Ok(Hooks::default()) };
        Hooks::load(file, calendar)
            .map_err(|why| Unusable(format!("--hooks (HOLDLINE_HOOKS) {} cannot be used: {why}.", file.display())))
    }
}
