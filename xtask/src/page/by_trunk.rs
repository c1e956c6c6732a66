//! The page that Trunk makes of the same description, to see that both ways make one page.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::step;
use crate::tools::{self, PageTools};
use crate::workspace::Workspace;

/// Stands for the part of a file's name that changes with its content: each way has a hash of its own.
const HASH: &str = "HASH";
/// Digits of the shortest hash: Trunk leaves zeros out at the front.
const HASH_LEN_MIN: usize = 8;

/// Compares with the page in `dist` if this machine has Trunk; whether it did.
pub fn compare_if_there(workspace: &Workspace, dist: &Path) -> Result<bool> {
    let Some(tools) = tools::page_tools_if_there(workspace)? else { return Ok(false) };
    compare_with(workspace, dist, &tools)?;
    Ok(true)
}

/// Gets Trunk and compares with the page in `dist`.
pub fn compare(workspace: &Workspace, dist: &Path) -> Result<()> {
    compare_with(workspace, dist, &tools::page_tools(workspace)?)
}

fn compare_with(workspace: &Workspace, dist: &Path, tools: &PageTools) -> Result<()> {
    // Trunk runs offline below, so that it does not look for tools of its own on the network; it reads all crates.
    step::run("Fetching the crates", workspace.cargo().args(["fetch", "--locked", "--quiet"]))?;
    let trunks = workspace.target.join("page-by-trunk");
    fs::create_dir_all(&trunks)?;
    let mut trunk = Command::new(&tools.trunk);
    trunk
        .current_dir(&workspace.root)
        .args(["build", "--release", "--locked", "--offline", "--skip-version-check", "--dist"])
        .arg(&trunks)
        .env("PATH", &tools.path)
        // Trunk 0.21 wants `true` or `false` in it and refuses to start on `1`.
        .env_remove("NO_COLOR");
    step::run("Building the page with Trunk, to compare", &mut trunk)?;
    differences(&contents(dist)?, &contents(&trunks)?)
}

/// Files by their names without hashes.
type Contents = BTreeMap<String, Vec<u8>>;

fn contents(folder: &Path) -> Result<Contents> {
    let mut contents = Contents::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).context("a name is not UTF-8")?;
        contents
            .insert(without_hash(name), fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?);
    }
    Ok(contents)
}

fn differences(ours: &Contents, trunks: &Contents) -> Result<()> {
    let names = |contents: &Contents| contents.keys().cloned().collect::<Vec<_>>();
    ensure!(names(ours) == names(trunks), "the page has {:?}, and Trunk's {:?}", names(ours), names(trunks));
    for (name, content) in ours {
        let same = match name.as_str() {
            "index.html" => references(content)? == references(&trunks[name])?,
            wasm if wasm.ends_with(".wasm") => sections(content)? == sections(&trunks[name])?,
            _ => *content == trunks[name],
        };
        if !same {
            bail!("{name} is another than Trunk's");
        }
    }
    Ok(())
}

/// What a document loads, in order of names: every quoted path.
fn references(html: &[u8]) -> Result<Vec<String>> {
    let html = std::str::from_utf8(html).context("index.html is not UTF-8")?;
    let paths = html.split(['"', '\'']).filter(|text| text.starts_with('/') && !text.contains(char::is_whitespace));
    let mut paths: Vec<_> = paths.map(without_hash).collect();
    paths.sort();
    Ok(paths)
}

/// A program without what names the tools that made it: each way has a library of its own that writes it.
fn sections(wasm: &[u8]) -> Result<Vec<&[u8]>> {
    const HEADER_LEN: usize = 8;
    const PRODUCERS: &[u8] = b"\x09producers";
    let mut rest = wasm.get(HEADER_LEN..).context("a program is too short")?;
    let mut sections = Vec::new();
    while let Some((id, after)) = rest.split_first() {
        let (len, after) = leb128(after).context("the length of a section does not end")?;
        let (section, after) = after.split_at_checked(len).context("a section is longer than the program")?;
        if !(*id == 0 && section.starts_with(PRODUCERS)) {
            sections.push(section);
        }
        rest = after;
    }
    Ok(sections)
}

/// A number of up to 32 bits in WebAssembly's form, and what is behind it.
fn leb128(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0;
    for (at, byte) in bytes.iter().enumerate().take(5) {
        value |= usize::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((value, &bytes[at + 1..]));
        }
    }
    None
}

/// `page-0123456789abcdef_bg.wasm` → `page-HASH_bg.wasm`.
fn without_hash(name: &str) -> String {
    let Some((stem, rest)) = name.rsplit_once('-') else { return name.to_owned() };
    let digits = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
    if digits < HASH_LEN_MIN { name.to_owned() } else { format!("{stem}-{HASH}{}", &rest[digits..]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(files: &[(&str, &str)]) -> Contents {
        files.iter().map(|(name, content)| (without_hash(name), content.as_bytes().to_vec())).collect()
    }

    #[test]
    fn hashes_and_the_words_around_references_do_not_matter() {
        let ours =
            page(&[("index.html", "<link href=\"/a-0123456789abcdef.css\">"), ("a-0123456789abcdef.css", "p{}")]);
        let trunks =
            page(&[("index.html", "<link\n href='/a-fedcba98765432.css' />"), ("a-fedcba98765432.css", "p{}")]);
        differences(&ours, &trunks).unwrap();
    }

    #[test]
    fn other_contents_names_and_references_are_found() {
        let ours = page(&[("index.html", "'/a.js' '/b.js'"), ("a.js", "1")]);
        for trunks in [
            page(&[("index.html", "'/a.js' '/b.js'"), ("a.js", "2")]),
            page(&[("index.html", "'/a.js'"), ("a.js", "1")]),
            page(&[("index.html", "'/a.js' '/b.js'"), ("a.js", "1"), ("c.js", "")]),
        ] {
            assert!(differences(&ours, &trunks).is_err(), "{trunks:?}");
        }
    }

    #[test]
    fn of_programs_only_the_names_of_their_tools_may_differ() {
        let program = |tool: &[u8], code: &[u8]| {
            let producers = [&b"\x09producers"[..], tool].concat();
            let section = |id: u8, body: &[u8]| [&[id, body.len() as u8 | 0x80, 0], body].concat();
            [b"\0asm\x01\0\0\0".to_vec(), section(10, code), section(0, &producers)].concat()
        };
        let (one, other) = (program(b"walrus 1", b"code"), program(b"walrus 2", b"code"));
        assert_eq!(sections(&one).unwrap(), sections(&other).unwrap());
        assert_ne!(sections(&one).unwrap(), sections(&program(b"walrus 1", b"edoc")).unwrap());
        for end in 9..one.len() - 1 {
            let _ = sections(&one[..end]);
        }
        assert!(sections(&one[..12]).is_err() && sections(b"").is_err());
    }
}
