//! The binary: hands over to the command line and holds nothing itself.

use std::process::ExitCode;

fn main() -> ExitCode {
    holdline::cli::main()
}
