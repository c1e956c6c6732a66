//! Runs a target on one file without libFuzzer, so that a debugger or a backtrace shows the most:
//! `cargo run --manifest-path fuzz/Cargo.toml --example replay TARGET FILE`. Prints an engine's history first.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(name), Some(file)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: replay TARGET FILE");
        return ExitCode::FAILURE;
    };
    let Some((_, target)) = covey_fuzz::TARGETS.iter().find(|(target, _)| *target == name) else {
        eprintln!("there is no target {name}");
        return ExitCode::FAILURE;
    };
    let bytes = match std::fs::read(&file) {
        Ok(bytes) => bytes,
        Err(error) => {
            eprintln!("cannot read {file}: {error}");
            return ExitCode::FAILURE;
        }
    };
    if name == "engine_operations" {
        covey_fuzz::engine_history(&bytes).iter().for_each(|line| println!("{line}"));
    }
    target(&bytes);
    println!("nothing failed");
    ExitCode::SUCCESS
}
