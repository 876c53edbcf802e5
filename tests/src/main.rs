//! The command line as a binary of this package, because cargo builds a package's own binaries for its tests.

use std::process::ExitCode;

fn main() -> ExitCode {
    holdline::cli::main()
}
