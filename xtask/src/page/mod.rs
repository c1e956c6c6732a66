//! The page, as `index.html` describes it to Trunk: its programs compiled to WebAssembly, bound to JavaScript, and
//! written into a folder with what refers to them.
//!
//! `trunk serve` reads the same description. Trunk itself takes longer to compile than all else that a fresh clone
//! needs, so only who works on the page needs it.

mod asset;
mod bindings;
mod by_trunk;
mod index;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};

use crate::arguments::PageOptions;
use crate::tools::{self, WASM_TARGET};
use crate::workspace::Workspace;
use crate::{step, workspace};
use asset::{Asset, Kind, Program};
use index::Built;

pub use by_trunk::compare_if_there;

/// `cargo xtask page`.
pub fn perform(workspace: &Workspace, options: PageOptions) -> Result<ExitCode> {
    let dist = match options.dist {
        Some(dist) => std::path::absolute(dist)?,
        None => workspace.page(),
    };
    build(workspace, &dist)?;
    if options.beside_trunk {
        by_trunk::compare(workspace, &dist)?;
    }
    println!("{}", dist.display());
    Ok(ExitCode::SUCCESS)
}

/// Builds the page for release into `dist`.
pub fn build(workspace: &Workspace, dist: &Path) -> Result<()> {
    let index = read(&workspace.root.join("index.html")).context("is this Covey's folder?")?;
    let index = String::from_utf8(index).context("index.html is not UTF-8")?;
    let assets = asset::read(&index).context("index.html")?;
    tools::add_wasm_target(workspace)?;
    compile(workspace, &assets)?;
    let built: Result<Vec<Built>> = assets.iter().map(|asset| finish(workspace, asset)).collect();
    let built = built?;
    let index = index::index(&index, &assets, &built);
    let files = built.into_iter().flat_map(|built| built.files);
    write(dist, files.chain([("index.html".to_owned(), index.into_bytes())]))
}

/// All programs at once, since each one's last minute keeps one core only busy.
fn compile(workspace: &Workspace, assets: &[Asset<'_>]) -> Result<()> {
    let programs: Vec<Program<'_>> = assets.iter().filter_map(Asset::program).collect();
    let first = programs.first().context("index.html names no program")?;
    let are_alike = |other: &Program<'_>| (other.manifest, other.profile) == (first.manifest, first.profile);
    ensure!(programs.iter().all(are_alike), "the page's programs are of several packages or profiles");
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--locked", "--target", WASM_TARGET, "--profile", first.profile]);
    cargo.arg("--manifest-path").arg(first.manifest);
    for program in programs {
        cargo.args(["--bin", program.bin]);
    }
    step::run("Building the page (the first time about 3 minutes)", &mut cargo)
}

fn finish(workspace: &Workspace, asset: &Asset<'_>) -> Result<Built> {
    match asset.kind {
        Kind::Style(path) => index::style(path, read(&workspace.root.join(path))?),
        Kind::File(path) => index::file(path, read(&workspace.root.join(path))?),
        Kind::Program(program) => {
            let compiled = workspace.target.join(WASM_TARGET).join(program.profile).join(program.bin);
            let folder = workspace.target.join("page-bindings").join(program.bin);
            let bound = bindings::bind(program, &compiled.with_extension("wasm"), &folder)?;
            Ok(index::program(program, bound))
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Into a folder beside it that then takes its place: who serves the page from it never sees half of it.
fn write(dist: &Path, files: impl Iterator<Item = (String, Vec<u8>)>) -> Result<()> {
    let unfinished = dist.with_extension("unfinished");
    workspace::make_empty(&unfinished)?;
    for (name, content) in files {
        let path = unfinished.join(name);
        fs::write(&path, content).with_context(|| format!("cannot write {}", path.display()))?;
    }
    workspace::replace_folder(&unfinished, dist)
}
