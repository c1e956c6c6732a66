//! The page: embedded in the binary at build, or from a folder. All its files are read at the start
//! and looked up by their exact path, so no request ever reaches the file system.

use std::collections::HashMap;
use std::fmt::Write;
use std::io::{self, Write as _};
use std::path::Path;

use anyhow::{Context, bail, ensure};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use bytes::Bytes;
use data_encoding::{BASE64, HEXLOWER};
use flate2::Compression;
use flate2::write::GzEncoder;
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use crate::limits::PAGE_BYTES_MAX;

#[derive(RustEmbed)]
#[folder = "$COVEY_EMBEDDED_PAGE"]
struct Embedded;

/// Below this, bytes, packing costs more than it saves.
const GZIP_LEN_MIN: usize = 1024;

/// The page and its files.
pub struct Page {
    files: HashMap<String, PageFile>,
    content_security_policy: HeaderValue,
}

struct PageFile {
    content_type: HeaderValue,
    /// Its name holds a hash of its content.
    is_hashed: bool,
    etag: HeaderValue,
    plain: Bytes,
    gzip: Option<Bytes>,
}

impl std::fmt::Debug for Page {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Page({} files)", self.files.len())
    }
}

impl Page {
    /// The page that was embedded when this program was built.
    ///
    /// # Errors
    /// It has no `index.html`.
    pub fn embedded() -> anyhow::Result<Self> {
        let files = Embedded::iter()
            .filter_map(|name| Some((name.to_string(), Bytes::from(Embedded::get(&name)?.data.into_owned()))));
        Self::new(files.collect())
    }

    /// The page in a folder, as it is now.
    ///
    /// # Errors
    /// The folder cannot be read, has no `index.html`, or is far too big for a page.
    pub fn from_folder(folder: &Path) -> anyhow::Result<Self> {
        let mut files = Vec::new();
        let mut left = PAGE_BYTES_MAX;
        read_folder(folder, "", &mut files, &mut left)
            .with_context(|| format!("cannot read the page in {}", folder.display()))?;
        Self::new(files)
            .with_context(|| format!("{} is not a built page (cargo xtask page makes one)", folder.display()))
    }

    fn new(files: Vec<(String, Bytes)>) -> anyhow::Result<Self> {
        let files: HashMap<String, PageFile> =
            files.into_iter().map(|(name, bytes)| (format!("/{name}"), PageFile::new(&name, bytes))).collect();
        let Some(index) = files.get("/index.html") else { bail!("there is no index.html") };
        let content_security_policy = content_security_policy(&String::from_utf8_lossy(&index.plain));
        Ok(Self { files, content_security_policy })
    }

    /// Whether it is Covey's, and not what stands in for it.
    pub fn is_built(&self) -> bool {
        self.files.len() > 1
    }

    /// `index.html`.
    pub fn index(&self, request: &HeaderMap) -> Response<Body> {
        self.file("/index.html", request)
    }

    /// The file at this path.
    pub fn file(&self, path: &str, request: &HeaderMap) -> Response<Body> {
        let path = if path == "/" { "/index.html" } else { path };
        match self.files.get(path) {
            Some(file) => self.with_security(file.response(path, request)),
            None => self.not_found(),
        }
    }

    /// There is nothing here.
    pub fn not_found(&self) -> Response<Body> {
        self.with_security(super::text(StatusCode::NOT_FOUND, "There is nothing at this address.".to_owned()))
    }

    /// On every answer: a worker takes its policy from its own script's answer.
    fn with_security(&self, mut response: Response<Body>) -> Response<Body> {
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_SECURITY_POLICY, self.content_security_policy.clone());
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
        headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
        let none = "camera=(), microphone=(), geolocation=(), payment=(), usb=()";
        headers.insert("permissions-policy", HeaderValue::from_static(none));
        response
    }
}

impl PageFile {
    fn new(name: &str, plain: Bytes) -> Self {
        let mime = mime_guess::from_path(name).first_or_octet_stream();
        let is_text = mime.type_() == "text" || matches!(mime.subtype().as_str(), "javascript" | "json" | "svg+xml");
        let content_type = if is_text { format!("{}; charset=utf-8", mime.essence_str()) } else { mime.to_string() };
        let is_packable = is_text || mime.subtype() == "wasm";
        let etag = format!("\"{}\"", &HEXLOWER.encode(&Sha256::digest(&plain))[..32]);
        Self {
            content_type: HeaderValue::from_str(&content_type).expect("a MIME type is a header value"),
            is_hashed: is_hashed(name),
            etag: HeaderValue::from_str(&etag).expect("hexadecimal is a header value"),
            gzip: Some(&plain).filter(|plain| is_packable && plain.len() >= GZIP_LEN_MIN).and_then(gzip),
            plain,
        }
    }

    fn response(&self, path: &str, request: &HeaderMap) -> Response<Body> {
        let is_known = request.get(header::IF_NONE_MATCH).is_some_and(|known| known == self.etag);
        let gzip = self.gzip.as_ref().filter(|_| accepts_gzip(request));
        let body = if is_known { Bytes::new() } else { gzip.unwrap_or(&self.plain).clone() };
        let mut response = Response::new(Body::from(body));
        if is_known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, self.content_type.clone());
        headers.insert(header::ETAG, self.etag.clone());
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(self.cache_control(path)));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if gzip.is_some() && !is_known {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        response
    }

    fn cache_control(&self, path: &str) -> &'static str {
        match path {
            "/index.html" => "no-store",
            _ if self.is_hashed => "public, max-age=31536000, immutable",
            // Kept, but asked for again each time (304 when it has not changed).
            _ => "no-cache",
        }
    }
}

fn read_folder(folder: &Path, prefix: &str, files: &mut Vec<(String, Bytes)>, left: &mut u64) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let kind = entry.file_type()?;
        if kind.is_dir() {
            read_folder(&entry.path(), &format!("{prefix}{name}/"), files, left)?;
        } else if kind.is_file() {
            let len = entry.metadata()?.len();
            ensure!(len <= *left, "more than {} MiB in it", PAGE_BYTES_MAX / 1024 / 1024);
            *left -= len;
            files.push((format!("{prefix}{name}"), std::fs::read(entry.path())?.into()));
        }
    }
    Ok(())
}

fn gzip(plain: &Bytes) -> Option<Bytes> {
    let pack = || -> io::Result<Vec<u8>> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(plain)?;
        encoder.finish()
    };
    pack().ok().filter(|packed| packed.len() < plain.len()).map(Bytes::from)
}

fn accepts_gzip(request: &HeaderMap) -> bool {
    let accepted = request.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|accepted| {
        accepted.split(',').any(|coding| {
            let (name, parameters) = coding.split_once(';').unwrap_or((coding, ""));
            name.trim() == "gzip" && parameters.replace(' ', "") != "q=0"
        })
    })
}

/// Builds of the page write `name-0123456789abcdef.js` and `name-0123456789abcdef_bg.wasm`.
fn is_hashed(name: &str) -> bool {
    name.split(['-', '.', '_', '/'])
        .any(|part| part.len() == 16 && part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
}

/// What the page may do. Its own scripts and workers, WebAssembly, WebSockets to wherever it came
/// from or a tracker named in an invite; nobody frames it; nothing of others is loaded.
fn content_security_policy(index: &str) -> HeaderValue {
    let mut scripts = String::from("script-src 'self' 'wasm-unsafe-eval'");
    for script in inline_scripts(index) {
        let _ = write!(scripts, " 'sha256-{}'", BASE64.encode(&Sha256::digest(script)));
    }
    let policy = format!(
        "default-src 'none'; {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
         media-src 'self' blob:; font-src 'self'; connect-src 'self' ws: wss:; worker-src 'self' blob:; \
         manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).expect("the policy is ASCII")
}

/// What stands in `<script>` elements without `src` (one starts the page).
fn inline_scripts(index: &str) -> Vec<&str> {
    let mut scripts = Vec::new();
    let mut rest = index;
    while let Some((_, from_tag)) = rest.split_once("<script") {
        let Some((attributes, body)) = from_tag.split_once('>') else { break };
        let Some((script, after)) = body.split_once("</script>") else { break };
        if !attributes.split_ascii_whitespace().any(|attribute| attribute.starts_with("src=")) {
            scripts.push(script);
        }
        rest = after;
    }
    scripts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Page {
        let index = "<script src=/a.js></script><script type=\"module\">go()</script>";
        let file = |name: &str, text: &str| (name.to_owned(), Bytes::copy_from_slice(text.as_bytes()));
        Page::new(vec![
            file("index.html", index),
            file("page-0123456789abcdef_bg.wasm", &"w".repeat(5000)),
            file("worker.js", "w"),
        ])
        .unwrap()
    }

    fn header<'a>(response: &'a Response<Body>, name: &str) -> &'a str {
        response.headers().get(name).unwrap().to_str().unwrap()
    }

    #[test]
    fn files_have_their_types_and_caching() {
        let page = page();
        let index = page.index(&HeaderMap::new());
        assert_eq!(header(&index, "content-type"), "text/html; charset=utf-8");
        assert_eq!(header(&index, "cache-control"), "no-store");
        let wasm = page.file("/page-0123456789abcdef_bg.wasm", &HeaderMap::new());
        assert_eq!(header(&wasm, "content-type"), "application/wasm");
        assert!(header(&wasm, "cache-control").contains("immutable"));
        let worker = page.file("/worker.js", &HeaderMap::new());
        assert_eq!(header(&worker, "cache-control"), "no-cache");
        assert!(header(&worker, "content-type").starts_with("text/javascript"));
    }

    #[test]
    fn the_policy_names_the_inline_script_by_its_hash() {
        let policy = page().content_security_policy;
        let hash = BASE64.encode(&Sha256::digest("go()"));
        assert!(policy.to_str().unwrap().contains(&format!("'sha256-{hash}'")));
        assert_eq!(policy.to_str().unwrap().matches("sha256").count(), 1);
    }

    #[test]
    fn nothing_but_the_pages_files_can_be_had() {
        let page = page();
        for path in ["/../Cargo.toml", "/%2e%2e/x", "//etc/passwd", "/worker.js/", "/index.html/../worker.js"] {
            assert_eq!(page.file(path, &HeaderMap::new()).status(), StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[test]
    fn a_browser_that_can_gets_it_packed_and_one_that_knows_it_gets_nothing() {
        let page = page();
        let mut request = HeaderMap::new();
        request.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("br, gzip;q=0.5"));
        let wasm = page.file("/page-0123456789abcdef_bg.wasm", &request);
        assert_eq!(header(&wasm, "content-encoding"), "gzip");
        request.insert(header::IF_NONE_MATCH, wasm.headers().get("etag").unwrap().clone());
        assert_eq!(page.file("/page-0123456789abcdef_bg.wasm", &request).status(), StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn the_built_in_page_is_one() {
        assert!(Page::embedded().unwrap().files.contains_key("/index.html"));
    }
}
