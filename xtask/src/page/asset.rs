//! What `index.html` asks to be put into the page: its `<link data-trunk …>` elements, in
//! [Trunk's words](https://trunkrs.dev/assets/).

use anyhow::{Context, Result, bail, ensure};

/// Begins an element that stands for an asset.
const ELEMENT: &str = "<link data-trunk ";
/// Attributes that change nothing in what is made here, with the only value that is true of it.
const AGREED: [(&str, &str); 2] = [("data-integrity", "none"), ("data-wasm-opt", "0")];

/// One element.
#[derive(Debug, PartialEq, Eq)]
pub struct Asset<'a> {
    /// All of its text.
    pub element: &'a str,
    pub kind: Kind<'a>,
}

impl<'a> Asset<'a> {
    pub fn program(&self) -> Option<Program<'a>> {
        match self.kind {
            Kind::Program(program) => Some(program),
            Kind::Style(_) | Kind::File(_) => None,
        }
    }
}

/// What an element stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind<'a> {
    /// A file, by its path from `index.html`.
    Style(&'a str),
    /// A file, likewise, that is there under its own name.
    File(&'a str),
    Program(Program<'a>),
}

/// Rust that is compiled to WebAssembly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Program<'a> {
    /// Path of its package's `Cargo.toml` from `index.html`.
    pub manifest: &'a str,
    pub bin: &'a str,
    /// Cargo's.
    pub profile: &'a str,
    pub runs: Runs,
}

/// Where a program runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runs {
    /// On the main thread, started by the document.
    InPage,
    /// In a worker, which the page starts by the name of its binary.
    InWorker,
}

/// The assets in order. Whatever is not understood is an error: Trunk would do something with it.
pub fn read(index: &str) -> Result<Vec<Asset<'_>>> {
    let mut assets = Vec::new();
    let mut rest = index;
    while let Some(at) = rest.find(ELEMENT) {
        let len = rest[at..].find('>').context("an element does not end")? + 1;
        let element = &rest[at..at + len];
        let kind = kind(element).with_context(|| format!("cannot do as {element} says"))?;
        assets.push(Asset { element, kind });
        rest = &rest[at + len..];
    }
    ensure!(index.matches("data-trunk").count() == assets.len(), "`data-trunk` stands elsewhere than in `{ELEMENT}…>`");
    Ok(assets)
}

fn kind(element: &str) -> Result<Kind<'_>> {
    let mut attributes = Attributes::read(&element[ELEMENT.len()..element.len() - 1])?;
    for (name, value) in AGREED {
        let given = attributes.take(name);
        ensure!(given.is_none_or(|given| given == value), "{name} can be \"{value}\" only");
    }
    let href = attributes.need("href")?;
    let kind = match attributes.need("rel")? {
        "css" => Kind::Style(href),
        "copy-file" => Kind::File(href),
        "rust" => Kind::Program(Program {
            manifest: href,
            bin: attributes.need("data-bin")?,
            profile: attributes.need("data-cargo-profile-release")?,
            runs: runs(&mut attributes)?,
        }),
        other => bail!("rel=\"{other}\" is not known"),
    };
    attributes.end()?;
    Ok(kind)
}

fn runs(attributes: &mut Attributes<'_>) -> Result<Runs> {
    match (attributes.take("data-type"), attributes.take("data-loader-shim")) {
        (None, None) => Ok(Runs::InPage),
        (Some("worker"), Some("")) => Ok(Runs::InWorker),
        _ => bail!("a program is the page's, or data-type=\"worker\" data-loader-shim"),
    }
}

/// Those of an element that nobody has looked at yet.
struct Attributes<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Attributes<'a> {
    /// `name="value" name`; no value has a blank.
    fn read(text: &'a str) -> Result<Self> {
        let attribute = |word: &'a str| match word.split_once('=') {
            None => Some((word, "")),
            Some((name, value)) => Some((name, value.strip_prefix('"')?.strip_suffix('"')?)),
        };
        let attributes: Option<Vec<_>> = text.split_ascii_whitespace().map(attribute).collect();
        Ok(Self(attributes.context("a value is not in double quotes, or has a blank")?))
    }

    fn take(&mut self, name: &str) -> Option<&'a str> {
        let at = self.0.iter().position(|(given, _)| *given == name)?;
        Some(self.0.swap_remove(at).1)
    }

    fn need(&mut self, name: &str) -> Result<&'a str> {
        self.take(name).with_context(|| format!("{name} is missing"))
    }

    fn end(self) -> Result<()> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => bail!("{name} is not known"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROGRAM: &str = "rel=\"rust\" href=\"w/Cargo.toml\" data-cargo-profile-release=\"small\" data-wasm-opt=\"0\"";

    fn element(attributes: &str) -> String {
        format!("{ELEMENT}{attributes}>")
    }

    #[test]
    fn the_pages_own_description_is_understood() {
        let index = include_str!("../../../index.html");
        let assets = read(index).unwrap();
        let programs: Vec<_> =
            assets.iter().filter_map(Asset::program).map(|program| (program.bin, program.runs)).collect();
        assert_eq!(programs, [("page", Runs::InPage), ("worker", Runs::InWorker)]);
        assert_eq!(assets[0].kind, Kind::Style("web-client/style.css"));
    }

    #[test]
    fn what_trunk_would_do_and_this_would_not_is_refused() {
        let refused = [
            format!("{PROGRAM} data-bin=\"a\" data-typescript"),
            format!("{PROGRAM} data-bin=\"a\" data-integrity=\"sha512\""),
            format!("{PROGRAM} data-bin=\"a\" data-type=\"worker\""),
            format!("{PROGRAM} data-bin=\"a\" data-loader-shim"),
            PROGRAM.to_owned(),
            "rel=\"copy-dir\" href=\"images\"".to_owned(),
            "rel=css href=\"a.css\"".to_owned(),
        ];
        for attributes in refused {
            assert!(read(&element(&attributes)).is_err(), "{attributes}");
        }
        assert!(read("<script data-trunk src=\"a.js\"></script>").is_err());
        assert!(read(ELEMENT).is_err());
    }

    #[test]
    fn the_order_of_attributes_does_not_matter() {
        let text = element("href=\"a.css\" data-integrity=\"none\" rel=\"css\"");
        assert_eq!(read(&text).unwrap(), [Asset { element: &text, kind: Kind::Style("a.css") }]);
    }
}
