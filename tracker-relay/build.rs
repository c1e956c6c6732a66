//! Says which folder holds the page that is embedded in the binary.

use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-env-changed=COVEY_PAGE_DIR");
    let folder = match std::env::var("COVEY_PAGE_DIR") {
        Ok(folder) if Path::new(&folder).join("index.html").is_file() => folder,
        Ok(folder) if !folder.is_empty() => {
            panic!("COVEY_PAGE_DIR={folder} has no index.html: build the page first (cargo xtask page)")
        }
        // Without the page, a built-in one tells how to get it.
        _ => format!("{}/fallback-page", env!("CARGO_MANIFEST_DIR")),
    };
    println!("cargo:rerun-if-changed={folder}");
    println!("cargo:rustc-env=COVEY_EMBEDDED_PAGE={folder}");
}
