//! The files of the page and the elements that refer to them.

use std::hash::{DefaultHasher, Hasher};
use std::path::Path;

use anyhow::{Context, Result};

use super::asset::{Asset, Program, Runs};
use super::bindings::Bound;

/// What became of an asset.
pub struct Built {
    /// Instead of its element.
    html: String,
    /// Names in the page's folder, and contents.
    pub files: Vec<(String, Vec<u8>)>,
}

/// A style sheet from `path`.
pub fn style(path: &str, content: Vec<u8>) -> Result<Built> {
    let stem = Path::new(path).file_stem().and_then(|stem| stem.to_str()).context("a style sheet has no name")?;
    let name = format!("{stem}-{}.css", hash(&content));
    Ok(Built { html: format!("<link rel=\"stylesheet\" href=\"/{name}\">"), files: vec![(name, content)] })
}

/// A file from `path`, which nothing in the document refers to: browsers ask for it by its name.
pub fn file(path: &str, content: Vec<u8>) -> Result<Built> {
    let name = Path::new(path).file_name().and_then(|name| name.to_str()).context("a file has no name")?;
    Ok(Built { html: String::new(), files: vec![(name.to_owned(), content)] })
}

/// A program. The page is asked for by names that change with it, so browsers keep its files for good; a worker is
/// started by a name that is in the page.
pub fn program(program: Program<'_>, bound: Bound) -> Built {
    let bin = program.bin;
    let stem = match program.runs {
        Runs::InPage => format!("{bin}-{}", hash(&bound.wasm)),
        Runs::InWorker => bin.to_owned(),
    };
    let (script, wasm) = (format!("{stem}.js"), format!("{stem}_bg.wasm"));
    let (html, loader) = match program.runs {
        Runs::InPage => (start(&script, &wasm), None),
        Runs::InWorker => (String::new(), Some((format!("{stem}_loader.js"), load(&script, &wasm)))),
    };
    let mut files = vec![(script, bound.script), (wasm, bound.wasm)];
    files.extend(loader.map(|(name, text)| (name, text.into_bytes())));
    Built { html, files }
}

/// `index.html` with elements that refer to what was built.
pub fn index(description: &str, assets: &[Asset<'_>], built: &[Built]) -> String {
    let mut index = description.to_owned();
    for (asset, built) in assets.iter().zip(built) {
        index = index.replacen(asset.element, &built.html, 1);
    }
    index
}

fn start(script: &str, wasm: &str) -> String {
    format!(
        "<link rel=\"modulepreload\" href=\"/{script}\" crossorigin=\"anonymous\">\n  \
         <link rel=\"preload\" href=\"/{wasm}\" crossorigin=\"anonymous\" as=\"fetch\" type=\"application/wasm\">\n  \
         <script type=\"module\">\n    \
         import init from '/{script}';\n    \
         await init({{ module_or_path: '/{wasm}' }});\n  \
         </script>"
    )
}

fn load(script: &str, wasm: &str) -> String {
    format!("importScripts(\"./{script}\");wasm_bindgen(\"./{wasm}\");")
}

/// 16 hexadecimal digits: tracker-relay takes a name with so many for one that never changes its content.
fn hash(content: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(content);
    format!("{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::super::asset;
    use super::*;

    #[test]
    fn every_element_becomes_one_that_refers_to_its_files() {
        let description = "<head><link data-trunk rel=\"css\" href=\"w/a.css\"></head>";
        let assets = asset::read(description).unwrap();
        let built = [style("w/a.css", b"p{}".to_vec()).unwrap()];
        let name = &built[0].files[0].0;
        assert_eq!(
            index(description, &assets, &built),
            format!("<head><link rel=\"stylesheet\" href=\"/{name}\"></head>")
        );
        assert!(name.starts_with("a-") && name.len() == "a-0123456789abcdef.css".len(), "{name}");
    }

    #[test]
    fn a_file_keeps_its_name_and_is_referred_to_by_nothing() {
        let built = file("w/service_worker.js", vec![1]).unwrap();
        assert_eq!(built.files, [("service_worker.js".to_owned(), vec![1])]);
        assert_eq!(built.html, "");
    }

    #[test]
    fn another_content_has_another_name() {
        let name = |content: &[u8]| style("a.css", content.to_vec()).unwrap().files[0].0.clone();
        assert_eq!(name(b"one"), name(b"one"));
        assert_ne!(name(b"one"), name(b"two"));
    }

    #[test]
    fn a_worker_is_found_by_the_name_of_its_binary() {
        let worker = Program { manifest: "", bin: "worker", profile: "", runs: Runs::InWorker };
        let built = program(worker, Bound { wasm: vec![0], script: vec![1] });
        let names: Vec<_> = built.files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["worker.js", "worker_bg.wasm", "worker_loader.js"]);
        assert_eq!(built.html, "");
    }
}
