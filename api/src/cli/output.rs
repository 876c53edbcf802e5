//! Writing to the two streams: results to stdout, everything else to stderr.
//! Refuses to panic where a reader has gone away.

use std::io::{self, IsTerminal as _, Write as _};

use super::stop::Stop;

/// Says a result on stdout.
pub(super) fn say(text: &str) -> Result<(), Stop> {
    let mut stdout = io::stdout().lock();
    let written = writeln!(stdout, "{text}").and_then(|()| stdout.flush());
    written.map_err(|error| Stop::new(format!("The result cannot be written to stdout: {error}.")))
}

/// Whether what is told on stderr is read by somebody at a terminal.
pub(super) fn is_told_to_people() -> bool {
    io::stderr().is_terminal()
}

/// Tells people something on stderr.
pub(super) fn tell(text: &str) {
    // Nobody is left to be told where stderr itself fails.
    let _ = writeln!(io::stderr().lock(), "{text}");
}
