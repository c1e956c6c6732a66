//! Trunk and the wasm-bindgen CLI: from PATH when the right version is there, else from a per-user
//! cache, so that a fresh clone does not build them again.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::step;
use crate::workspace::{Workspace, executable, replace_folder};

const TRUNK_VERSION: &str = "0.21.14";
const GECKODRIVER_VERSION: &str = "0.37.1";
/// What the page is compiled for.
pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// What builds the page.
pub struct PageTools {
    /// Trunk's program.
    pub trunk: PathBuf,
    /// A PATH on which Trunk finds the right wasm-bindgen.
    pub path: OsString,
}

struct Tool {
    /// Name on crates.io.
    package: &'static str,
    /// Name of the program.
    program: &'static str,
    version: String,
    /// On two cores.
    minutes: &'static str,
}

/// Gets Trunk and what it calls.
pub fn page_tools(workspace: &Workspace) -> Result<PageTools> {
    add_wasm_target(workspace)?;
    let trunk = trunk().get(workspace)?;
    let bindgen = of_bindgen(workspace, "wasm-bindgen")?.get(workspace)?;
    Ok(PageTools { trunk, path: with_folder_first(bindgen.parent())? })
}

/// The same, if nothing has to be installed for it.
pub fn page_tools_if_there(workspace: &Workspace) -> Result<Option<PageTools>> {
    let is_there = trunk().find()?.is_some() && of_bindgen(workspace, "wasm-bindgen")?.find()?.is_some();
    if is_there { page_tools(workspace).map(Some) } else { Ok(None) }
}

fn trunk() -> Tool {
    Tool { package: "trunk", program: "trunk", version: TRUNK_VERSION.to_owned(), minutes: "4 to 6" }
}

/// What runs tests that are compiled to WebAssembly in a browser.
pub fn test_runner(workspace: &Workspace) -> Result<PathBuf> {
    add_wasm_target(workspace)?;
    of_bindgen(workspace, "wasm-bindgen-test-runner")?.get(workspace)
}

/// What drives Firefox. Debian has none, and it compiles for minutes.
pub fn geckodriver(workspace: &Workspace) -> Result<PathBuf> {
    of_firefox().get(workspace)
}

/// The same, if nothing has to be installed for it.
pub fn geckodriver_if_there() -> Result<Option<PathBuf>> {
    of_firefox().find()
}

fn of_firefox() -> Tool {
    let version = GECKODRIVER_VERSION.to_owned();
    Tool { package: "geckodriver", program: "geckodriver", version, minutes: "2 to 3" }
}

fn of_bindgen(workspace: &Workspace, program: &'static str) -> Result<Tool> {
    let version = workspace.locked_version("wasm-bindgen")?;
    Ok(Tool { package: "wasm-bindgen-cli", program, version, minutes: "2" })
}

fn with_folder_first(folder: Option<&Path>) -> Result<OsString> {
    let inherited = std::env::var_os("PATH").unwrap_or_default();
    let folders = folder.map(Path::to_owned).into_iter().chain(std::env::split_paths(&inherited));
    std::env::join_paths(folders).context("PATH has a folder with a separator in its name")
}

/// What compiles to WebAssembly.
pub fn add_wasm_target(workspace: &Workspace) -> Result<()> {
    let output = Command::new("rustc").args(["--print", "sysroot"]).current_dir(&workspace.root).output();
    let output = output.context("cannot run rustc")?;
    let sysroot = String::from_utf8_lossy(&output.stdout);
    if Path::new(sysroot.trim()).join("lib/rustlib").join(WASM_TARGET).join("lib").is_dir() {
        return Ok(());
    }
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", WASM_TARGET]).current_dir(&workspace.root);
    step::run("Adding Rust's WebAssembly target", &mut rustup)
        .with_context(|| format!("the page needs the {WASM_TARGET} target of Rust; rustup (https://rustup.rs) adds it"))
}

impl Tool {
    fn get(&self, workspace: &Workspace) -> Result<PathBuf> {
        if let Some(program) = self.find()? {
            return Ok(program);
        }
        self.install(workspace, &self.home()?)?;
        self.find()?
            .with_context(|| format!("{} was installed but does not say that it is {}", self.program, self.version))
    }

    /// On PATH or in the cache.
    fn find(&self) -> Result<Option<PathBuf>> {
        let cached = self.home()?.join("bin").join(executable(self.program));
        Ok(which(self.program).into_iter().chain([cached]).find(|program| self.is_right(program)))
    }

    fn home(&self) -> Result<PathBuf> {
        Ok(cache_folder()?.join(format!("{}-{}", self.package, self.version)))
    }

    fn is_right(&self, program: &Path) -> bool {
        let Ok(output) = Command::new(program).arg("--version").output() else { return false };
        let text = String::from_utf8_lossy(&output.stdout);
        text.split_whitespace().nth(1) == Some(self.version.as_str())
    }

    /// Into a folder beside the final one, renamed at the end: an interrupted install is never taken
    /// for a complete one.
    fn install(&self, workspace: &Workspace, home: &Path) -> Result<()> {
        let unfinished = home.with_file_name(format!("{}-{}.{}", self.package, self.version, std::process::id()));
        let mut command = workspace.cargo();
        command
            .args(["install", "--locked", self.package, "--version", &self.version, "--root"])
            .arg(&unfinished)
            // Trunk's own release profile links for minutes to be a little faster.
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env_remove("CARGO_TARGET_DIR");
        let what = format!(
            "Installing {} {} into {} (once; about {} minutes)",
            self.package,
            self.version,
            home.display(),
            self.minutes
        );
        let installed = step::run(&what, &mut command).and_then(|()| replace_folder(&unfinished, home));
        if installed.is_err() {
            // Whatever is left of it is of no use; the first error is the one to tell.
            let _ = fs::remove_dir_all(&unfinished);
        }
        installed
    }
}

/// Finds a program as the system would.
pub fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(executable(program))).find(|file| file.is_file())
}

/// Of this person, for whatever is fetched once.
pub fn cache_folder() -> Result<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = if let Some(base) = folder("XDG_CACHE_HOME") {
        Some(base)
    } else if cfg!(windows) {
        folder("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        folder("HOME").map(|home| home.join("Library/Caches"))
    } else {
        folder("HOME").map(|home| home.join(".cache"))
    };
    let tools = base.context("no folder for a cache: set XDG_CACHE_HOME")?.join("covey").join("tools");
    fs::create_dir_all(&tools).with_context(|| format!("cannot create {}", tools.display()))?;
    Ok(tools)
}
