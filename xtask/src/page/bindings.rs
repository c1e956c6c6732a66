//! What wasm-bindgen makes of a compiled program.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

use super::asset::{Program, Runs};
use crate::workspace;

/// A program that a browser can run.
pub struct Bound {
    pub wasm: Vec<u8>,
    /// Loads it and gives it the browser's functions.
    pub script: Vec<u8>,
}

/// Binds a program that cargo has compiled to `compiled`; `folder` is for what wasm-bindgen writes.
pub fn bind(program: Program<'_>, compiled: &Path, folder: &Path) -> Result<Bound> {
    workspace::make_empty(folder)?;
    let mut bindgen = Bindgen::new();
    match program.runs {
        Runs::InPage => bindgen.web(true)?,
        // Not every browser that can run the page takes modules in workers.
        Runs::InWorker => bindgen.no_modules(true)?,
    };
    // As its own command does without flags.
    bindgen.input_path(compiled).out_name(program.bin).typescript(false).omit_default_module_path(false);
    bindgen.generate(folder).with_context(|| format!("wasm-bindgen refuses {}", compiled.display()))?;
    let read = |name: String| {
        let file = folder.join(name);
        fs::read(&file).with_context(|| format!("cannot read {}", file.display()))
    };
    let made = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?.count();
    ensure!(made == 2, "wasm-bindgen made more than a program and its script: the page does not have the rest");
    Ok(Bound { wasm: read(format!("{}_bg.wasm", program.bin))?, script: read(format!("{}.js", program.bin))? })
}
