//! axe-core, which looks at the page as assistive technology does: from the npm registry, into the per-user cache.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::step;
use crate::tools::cache_folder;
use crate::workspace::replace_folder;

const VERSION: &str = "4.14.1";

/// Its one file.
pub fn script() -> Result<PathBuf> {
    let home = cache_folder()?.join(format!("axe-core-{VERSION}"));
    let script = home.join("axe.min.js");
    if !script.is_file() {
        install(&home).context("the tests of the page need axe-core (curl, tar, and registry.npmjs.org)")?;
    }
    Ok(script)
}

/// Into a folder beside the final one, renamed at the end: an interrupted install is never taken for a complete one.
fn install(home: &std::path::Path) -> Result<()> {
    let unfinished = home.with_file_name(format!("axe-core-{VERSION}.{}", std::process::id()));
    fs::create_dir_all(&unfinished)?;
    let archive = unfinished.join("package.tgz");
    let mut curl = Command::new("curl");
    curl.args(["--fail", "--silent", "--show-error", "--location", "--output"]).arg(&archive);
    curl.arg(format!("https://registry.npmjs.org/axe-core/-/axe-core-{VERSION}.tgz"));
    step::run(&format!("Fetching axe-core {VERSION}"), &mut curl)?;
    let mut tar = Command::new("tar");
    tar.arg("-xzf").arg(&archive).arg("-C").arg(&unfinished).args(["--strip-components=1", "package/axe.min.js"]);
    step::run("Unpacking it", &mut tar)?;
    replace_folder(&unfinished, home)
}
