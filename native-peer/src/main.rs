//! The command line peer.

use std::process::ExitCode;

fn main() -> ExitCode {
    native_peer::run()
}
