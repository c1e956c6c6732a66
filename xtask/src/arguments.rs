//! What was typed, as a [`Task`].

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

/// Printed by `cargo xtask` and `cargo xtask help`.
pub const HELP: &str = "\
cargo xtask TASK

  run [FILE] [--listen ADDR]   build everything, start tracker-relay on 127.0.0.1:8080, share FILE
                               (or a sample file) and print the invite to open in a browser
  build                        release binaries in target/release, the page embedded in tracker-relay
  page [--dist DIR] [--beside-trunk]
                               only the page, into target/page; --beside-trunk: and see that Trunk
                               makes the same
  test [--e2e] [--firefox] [--webkit] [--policy P] [NAME]
                               every check and every test; --e2e: only those with a browser and
                               processes; --firefox, --webkit: those in these browsers too, even if they
                               have to be installed first (Firefox's driver is compiled); --policy: their downloads choose pieces so; NAME: only tests
                               whose name contains it
  tidy                         what no compiler looks at: lengths, names, pages (a part of test)
  fuzz [TARGET] [--seconds N]  run the fuzz targets, or one of them, for 10 s each
  sim --scenario NAME [--seed N] [--policy P] [--plot FILE.svg] [--json]
                               one run of a simulated swarm; --list names the scenarios
  sim --all [--quick]          every gate of the simulator (minutes; --quick: seconds)
  chaos [--kills N] [--seed N] [--minutes M] [--json]
                               the server killed 1,000 times while 8 members do anything: what it has
                               acknowledged is there once, and everybody sees the same
  bench [--against COMMIT] [--encryption] [--quick] [--json] [--size BYTES] [--rounds N] [--only NAME]
                               ratios of Covey to plain yardsticks, and to another commit of it, measured
                               in one run; NAME: hashing, yardsticks, native, block (with --encryption), browser, login or costs
  bench --browser [--against COMMIT] [--quick] [--json] [--size BYTES] [--rounds N] [--only NAME]
                               a tab beside another commit's and beside bare workers and WebTorrent in the same
                               browser; NAME: download, memory, resume, sharing, tabs, hidden or page
  bench --native [--quick] [--json] [--size BYTES] [--rounds N] [--only NAME]
                               native-peer as an ordinary client and as a bridge, beside libtorrent, rqbit and
                               aria2; NAME: one-seeder, two-seeders, many-files, sparse, bridging or bridge-tab
  bench --server [--quick] [--json] [--rounds N] [--only NAME]
                               the server under load beside a bare WebSocket server; NAME: relaying, idle,
                               stalled, announces, return, stranger, silent, restarts or costs
  bench --engine [NAME]        what the peer engine's decisions cost
  bench --wasm [NAME]          what its picker costs in a browser";

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Task {
    /// Prints [`HELP`].
    Help,
    /// Builds, starts and shares.
    Run(RunOptions),
    /// Release binaries.
    Build,
    /// The page alone.
    Page(PageOptions),
    /// Every check and test.
    Test(TestOptions),
    /// Only the rules of `tidy/`.
    Tidy,
    /// The fuzz targets.
    Fuzz(FuzzOptions),
    /// The simulator; the arguments belong to its program.
    Sim {
        /// As typed.
        passed_on: Vec<String>,
    },
    /// The server under SIGKILL; the arguments belong to its program.
    Chaos {
        /// As typed.
        passed_on: Vec<String>,
    },
    /// Measurements.
    Bench(Bench),
}

/// Of `run`.
#[derive(Debug, PartialEq, Eq)]
pub struct RunOptions {
    /// What to share; `None` = a generated sample.
    pub file: Option<PathBuf>,
    /// Where tracker-relay listens.
    pub listen: SocketAddr,
}

/// Of `page`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct PageOptions {
    /// Instead of `target/page`.
    pub dist: Option<PathBuf>,
    /// Compare with what Trunk makes.
    pub beside_trunk: bool,
}

/// Of `test`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct TestOptions {
    /// Only the end-to-end tests.
    pub only_end_to_end: bool,
    /// The piece policy of the end-to-end tests' downloads; `None`: the programs' own.
    pub policy: Option<String>,
    /// What drives Firefox is installed if it is missing.
    pub with_firefox: bool,
    /// WebKit is installed if it is missing.
    pub with_webkit: bool,
    /// Only tests whose name contains this.
    pub name: Option<String>,
}

/// Of `bench`: what is measured. The arguments are as typed and belong to the program that measures.
#[derive(Debug, PartialEq, Eq)]
pub enum Bench {
    /// The programs beside plain yardsticks.
    Programs {
        /// A commit to compare with.
        against: Option<String>,
        /// As typed.
        passed_on: Vec<String>,
    },
    /// The server under load.
    Server(Vec<String>),
    /// The peer engine, natively.
    Engine(Vec<String>),
    /// The picker, in a browser.
    Wasm(Vec<String>),
}

/// Of `fuzz`.
#[derive(Debug, PartialEq, Eq)]
pub struct FuzzOptions {
    /// `None`: all.
    pub target: Option<String>,
    /// How long each target runs.
    pub seconds: u32,
}

/// Reads what follows `cargo xtask`.
pub fn parse(mut typed: impl Iterator<Item = String>) -> Result<Task> {
    let Some(task) = typed.next() else { return Ok(Task::Help) };
    match task.as_str() {
        "help" | "--help" | "-h" => Ok(Task::Help),
        "run" => parse_run(typed),
        "build" => no_more(typed, Task::Build),
        "page" => parse_page(typed),
        "test" => parse_test(typed),
        "tidy" => no_more(typed, Task::Tidy),
        "fuzz" => parse_fuzz(typed),
        "sim" => Ok(Task::Sim { passed_on: typed.collect() }),
        "chaos" => Ok(Task::Chaos { passed_on: typed.collect() }),
        "bench" => parse_bench(typed.collect()).map(Task::Bench),
        unknown => bail!("there is no task `{unknown}`\n\n{HELP}"),
    }
}

fn parse_run(mut typed: impl Iterator<Item = String>) -> Result<Task> {
    let mut options = RunOptions { file: None, listen: SocketAddr::from(([127, 0, 0, 1], 8080)) };
    while let Some(word) = typed.next() {
        match word.as_str() {
            "--listen" => {
                let address = typed.next().context("--listen needs an address, e.g. 127.0.0.1:9000")?;
                options.listen =
                    address.parse().with_context(|| format!("`{address}` is not an address like 127.0.0.1:9000"))?;
            }
            flag if flag.starts_with('-') => bail!("`run` has no `{flag}`\n\n{HELP}"),
            _ if options.file.is_some() => bail!("`run` shares one file"),
            file => options.file = Some(file.into()),
        }
    }
    Ok(Task::Run(options))
}

fn parse_page(mut typed: impl Iterator<Item = String>) -> Result<Task> {
    let mut options = PageOptions::default();
    while let Some(word) = typed.next() {
        match word.as_str() {
            "--dist" => options.dist = Some(typed.next().context("--dist needs a folder")?.into()),
            "--beside-trunk" => options.beside_trunk = true,
            _ => bail!("`page` has no `{word}`\n\n{HELP}"),
        }
    }
    Ok(Task::Page(options))
}

fn parse_test(mut typed: impl Iterator<Item = String>) -> Result<Task> {
    let mut options = TestOptions::default();
    while let Some(word) = typed.next() {
        match word.as_str() {
            "--e2e" => options.only_end_to_end = true,
            "--firefox" => options.with_firefox = true,
            "--webkit" => options.with_webkit = true,
            "--policy" => {
                options.policy = Some(typed.next().context("--policy needs a name, e.g. sequential")?);
            }
            flag if flag.starts_with('-') => bail!("`test` has no `{flag}`\n\n{HELP}"),
            _ if options.name.is_some() => bail!("`test` takes one name"),
            name => options.name = Some(name.to_owned()),
        }
    }
    Ok(Task::Test(options))
}

fn parse_fuzz(mut typed: impl Iterator<Item = String>) -> Result<Task> {
    let mut options = FuzzOptions { target: None, seconds: 10 };
    while let Some(word) = typed.next() {
        match word.as_str() {
            "--seconds" => {
                let number = typed.next().context("--seconds needs a number")?;
                let seconds = number.parse().ok().filter(|seconds| *seconds > 0);
                // libFuzzer takes 0 for no end.
                options.seconds = seconds.with_context(|| format!("`{number}` is not a number of seconds"))?;
            }
            flag if flag.starts_with('-') => bail!("`fuzz` has no `{flag}`\n\n{HELP}"),
            _ if options.target.is_some() => bail!("`fuzz` takes one target"),
            target => options.target = Some(target.to_owned()),
        }
    }
    Ok(Task::Fuzz(options))
}

fn parse_bench(mut typed: Vec<String>) -> Result<Bench> {
    let what: fn(Vec<String>) -> Bench = match typed.first().map(String::as_str) {
        Some("--server") => Bench::Server,
        Some("--engine") => Bench::Engine,
        Some("--wasm") => Bench::Wasm,
        _ => {
            let against = take_value(&mut typed, "--against", "a commit, e.g. HEAD~1")?;
            return Ok(Bench::Programs { against, passed_on: typed });
        }
    };
    typed.remove(0);
    Ok(what(typed))
}

/// Takes a flag and its value out of what belongs to another program.
fn take_value(typed: &mut Vec<String>, flag: &str, what: &str) -> Result<Option<String>> {
    let Some(at) = typed.iter().position(|word| word == flag) else { return Ok(None) };
    typed.remove(at);
    if at == typed.len() {
        bail!("{flag} needs {what}");
    }
    Ok(Some(typed.remove(at)))
}

fn no_more(mut typed: impl Iterator<Item = String>, task: Task) -> Result<Task> {
    match typed.next() {
        None => Ok(task),
        Some(word) => bail!("`{word}` is one word too many\n\n{HELP}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(line: &str) -> Result<Task> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn run_without_a_file_shares_a_sample_on_port_8080() {
        let Task::Run(options) = typed("run").unwrap() else { panic!("not run") };
        assert_eq!(options.file, None);
        assert_eq!(options.listen.to_string(), "127.0.0.1:8080");
    }

    #[test]
    fn run_takes_a_file_and_an_address_in_any_order() {
        let Task::Run(options) = typed("run --listen [::1]:9000 movie.mp4").unwrap() else { panic!("not run") };
        assert_eq!(options.file, Some("movie.mp4".into()));
        assert_eq!(options.listen.to_string(), "[::1]:9000");
    }

    #[test]
    fn a_typing_error_is_said_with_the_help() {
        for line in ["rum", "run --lisen x", "build now", "test --e3e", "page dist"] {
            let error = typed(line).unwrap_err().to_string();
            assert!(error.contains("cargo xtask TASK"), "{line}: {error}");
        }
    }

    #[test]
    fn tests_can_be_run_with_another_policy() {
        let options =
            TestOptions { only_end_to_end: true, policy: Some("random".to_owned()), ..TestOptions::default() };
        assert_eq!(typed("test --e2e --policy random").unwrap(), Task::Test(options));
        assert!(typed("test --policy").is_err());
    }

    #[test]
    fn fuzz_runs_every_target_for_ten_seconds_unless_told_otherwise() {
        assert_eq!(typed("fuzz").unwrap(), Task::Fuzz(FuzzOptions { target: None, seconds: 10 }));
        let options = FuzzOptions { target: Some("bencode".to_owned()), seconds: 3 };
        assert_eq!(typed("fuzz bencode --seconds 3").unwrap(), Task::Fuzz(options));
        assert!(typed("fuzz --seconds 0").is_err());
    }

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn bench_passes_its_arguments_on() {
        let programs = |against: Option<&str>, passed_on| {
            Task::Bench(Bench::Programs { against: against.map(str::to_owned), passed_on: words(passed_on) })
        };
        assert_eq!(typed("bench --quick --json").unwrap(), programs(None, "--quick --json"));
        assert_eq!(typed("bench").unwrap(), programs(None, ""));
        assert_eq!(typed("bench --quick --against HEAD~1 --json").unwrap(), programs(Some("HEAD~1"), "--quick --json"));
        assert_eq!(typed("bench --browser --against HEAD~1").unwrap(), programs(Some("HEAD~1"), "--browser"));
        assert!(typed("bench --against").is_err());
    }

    #[test]
    fn bench_measures_the_server_the_engine_or_the_picker_in_a_browser_when_that_comes_first() {
        assert_eq!(typed("bench --server --quick").unwrap(), Task::Bench(Bench::Server(words("--quick"))));
        assert_eq!(typed("bench --engine have").unwrap(), Task::Bench(Bench::Engine(words("have"))));
        assert_eq!(typed("bench --wasm").unwrap(), Task::Bench(Bench::Wasm(Vec::new())));
    }

    #[test]
    fn sim_and_chaos_pass_their_arguments_on() {
        let line = "--scenario flash-crowd --seed 7 --plot --help";
        assert_eq!(typed(&format!("sim {line}")).unwrap(), Task::Sim { passed_on: words(line) });
        assert_eq!(typed("chaos --kills 50").unwrap(), Task::Chaos { passed_on: words("--kills 50") });
    }
}
