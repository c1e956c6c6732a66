//! Prints the runs that the test `same_trace` compares with those in a browser.

#[path = "../tests/same_trace/runs.rs"]
mod runs;

fn main() {
    runs::lines().iter().for_each(|line| println!("{line}"));
}
