//! Everything a person types that is not plain cargo. `cargo xtask` prints what there is.

mod arguments;
mod axe;
mod bench;
mod browser_packages;
mod chaos;
mod checkout;
mod child;
mod fuzz;
mod in_browser;
mod page;
mod programs;
mod run;
mod sample;
mod sim;
mod step;
mod test;
mod tidy;
mod tools;
mod workspace;

use std::process::ExitCode;

use arguments::Task;
use workspace::Workspace;

fn main() -> ExitCode {
    match arguments::parse(std::env::args().skip(1)).and_then(perform) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> anyhow::Result<ExitCode> {
    match task {
        Task::Help => {
            println!("{}", arguments::HELP);
            Ok(ExitCode::SUCCESS)
        }
        Task::Run(options) => run::perform(&Workspace::find()?, &options),
        Task::Build => programs::build_release(&Workspace::find()?),
        Task::Page(options) => page::perform(&Workspace::find()?, options),
        Task::Test(options) => test::perform(&Workspace::find()?, &options),
        Task::Tidy => tidy::perform(&Workspace::find()?),
        Task::Fuzz(options) => fuzz::perform(&Workspace::find()?, &options),
        Task::Sim { passed_on } => sim::perform(&Workspace::find()?, &passed_on),
        Task::Chaos { passed_on } => chaos::perform(&Workspace::find()?, &passed_on),
        Task::Bench(what) => bench::perform(&Workspace::find()?, &what),
    }
}
