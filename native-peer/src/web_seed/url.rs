//! Where a torrent's files lie on a web seed (BEP 19).

use std::fmt::Write as _;

use metainfo::Info;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use reqwest::Url;
use wire_protocol::text::display_text;

/// What stands for itself in a URL: RFC 3986's unreserved characters.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// Characters of a host that are shown.
const HOST_CHARS_MAX: usize = 100;

/// Why files have no address there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoAddress {
    /// The torrent's maker's fault.
    #[error("its address makes no sense")]
    BadUrl,
    /// The torrent's maker's fault: servers and clients take such a part out of a path.
    #[error("the torrent has a file whose name cannot stand in an address")]
    BadName,
}

/// The addresses of a torrent's files on one web seed.
///
/// Of each; `None`: it has no bytes that anybody asks for.
#[derive(Debug)]
pub struct Addresses(Vec<Option<Url>>);

impl Addresses {
    /// What `url-list` or `ws` says of a torrent.
    ///
    /// # Errors
    /// [`NoAddress`].
    pub fn new(base: &str, info: &Info) -> Result<Self, NoAddress> {
        let base = base.split('#').next().unwrap_or_default();
        host_of(base).ok_or(NoAddress::BadUrl)?;
        let asked = info.files().iter().map(|file| file.len > 0 && !file.is_padding);
        let address = |(path, is_asked): (&Vec<bytes::Bytes>, bool)| is_asked.then(|| address(base, path)).transpose();
        info.raw_paths().iter().zip(asked).map(address).collect::<Result<_, _>>().map(Self)
    }

    /// The address of a file with bytes, by its index in the torrent.
    pub fn of(&self, file: usize) -> Option<&Url> {
        self.0.get(file)?.as_ref()
    }

    /// Any of them: all are on one host.
    pub fn first(&self) -> Option<&Url> {
        self.0.iter().flatten().next()
    }
}

/// `path`: the torrent's name, and below it the parts of a path if the torrent is a folder.
fn address(base: &str, path: &[bytes::Bytes]) -> Result<Url, NoAddress> {
    let mut url = base.to_owned();
    let is_folder = path.len() > 1;
    if is_folder && !base.ends_with('/') {
        url.push('/');
    }
    // A file's own address is taken as it is.
    if is_folder || base.ends_with('/') {
        for (at, part) in path.iter().enumerate() {
            if matches!(&part[..], b"" | b"." | b"..") {
                return Err(NoAddress::BadName);
            }
            let between = if at > 0 { "/" } else { "" };
            // Writing to a string does not fail.
            let _ = write!(url, "{between}{}", percent_encode(part, ESCAPED));
        }
    }
    Url::parse(&url).map_err(|_| NoAddress::BadUrl)
}

/// Host and port, for people: the rest may be a secret.
pub fn host_of(base: &str) -> Option<String> {
    let url = Url::parse(base).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    Some(display_text(&format!("{}{port}", url.host_str()?), HOST_CHARS_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn single(name: &[u8]) -> Info {
        let head = format!("d6:lengthi5e4:name{}:", name.len());
        let raw = [head.as_bytes(), name, b"12:piece lengthi16384e6:pieces20:xxxxxxxxxxxxxxxxxxxxe"].concat();
        Info::parse(raw.into()).expect("a torrent")
    }

    /// Each file of one byte, below `S 1`; `.pad` is padding, and `empty` is empty.
    fn folder(paths: &[&[&str]]) -> Info {
        let part = |part: &&str| format!("{}:{part}", part.len());
        let file = |path: &&[&str]| {
            let attributes = if path[0] == ".pad" { "4:attr1:p" } else { "" };
            let len = u8::from(path[0] != "empty");
            format!("d{attributes}6:lengthi{len}e4:pathl{}ee", path.iter().map(part).collect::<String>())
        };
        let files: String = paths.iter().map(file).collect();
        let digest = "x".repeat(20);
        let raw = format!("d5:filesl{files}e4:name3:S 112:piece lengthi16384e6:pieces20:{digest}e");
        Info::parse(raw.into_bytes().into()).expect("a torrent")
    }

    fn first(base: &str, info: &Info) -> String {
        Addresses::new(base, info).expect("addresses").of(0).expect("a file with bytes").to_string()
    }

    #[test]
    fn a_single_file_is_at_the_url_itself_or_below_it_if_it_ends_with_a_slash() {
        let info = single("ä b.iso".as_bytes());
        assert_eq!(first("http://w.example/films/x.iso", &info), "http://w.example/films/x.iso");
        assert_eq!(first("http://w.example/films/", &info), "http://w.example/films/%C3%A4%20b.iso");
        assert_eq!(first("https://w.example/films/#top", &info), "https://w.example/films/%C3%A4%20b.iso");
        assert_eq!(first("http://w.example", &info), "http://w.example/");
        assert_eq!(first("http://w.example/get?id=7", &info), "http://w.example/get?id=7");
    }

    #[test]
    fn files_of_a_folder_are_below_its_name_each_part_encoded_as_it_stands_in_the_torrent() {
        let info = folder(&[&["a?b", "字 100%.srt"], &[".pad", "3"], &["empty"], &["con:"]]);
        for base in ["http://w.example/pub", "http://w.example/pub/"] {
            let addresses = Addresses::new(base, &info).expect("addresses");
            let of = |file: usize| addresses.of(file).map(ToString::to_string);
            assert_eq!(of(0).as_deref(), Some("http://w.example/pub/S%201/a%3Fb/%E5%AD%97%20100%25.srt"));
            assert_eq!((of(1), of(2)), (None, None), "nobody asks for padding and for what is empty");
            assert_eq!(of(3).as_deref(), Some("http://w.example/pub/S%201/con%3A"));
            assert_eq!(of(4), None);
        }
        assert_eq!(first("http://w.example/pub", &folder(&[&["one"]])), "http://w.example/pub/S%201/one");
        assert_eq!(first("http://w.example/?of=", &folder(&[&["one"]])), "http://w.example/?of=/S%201/one");
    }

    #[test]
    fn bytes_that_are_no_text_are_encoded_as_they_are() {
        assert_eq!(first("http://w.example/", &single(b"\xfc.iso")), "http://w.example/%FC.iso");
    }

    #[test]
    fn names_that_a_path_loses_have_no_address() {
        for path in [&["..", "x"][..], &[".", "x"], &["x", "..", "y"], &["", "x"]] {
            assert_eq!(Addresses::new("http://w.example/", &folder(&[path])).unwrap_err(), NoAddress::BadName);
        }
        let hidden = first("http://w.example/", &folder(&[&["%2e%2e", "a/../b"]]));
        assert_eq!(hidden, "http://w.example/S%201/%252e%252e/a%2F..%2Fb");
        assert_eq!(Addresses::new("ftp://w.example/", &single(b"x")).unwrap_err(), NoAddress::BadUrl);
    }

    #[test]
    fn people_see_the_host_and_no_secret() {
        assert_eq!(host_of("http://user:word@w.example/secret?key=1").as_deref(), Some("w.example"));
        assert_eq!(host_of("http://[::1]:8080/").as_deref(), Some("[::1]:8080"));
        assert_eq!(host_of("udp://w.example/"), None);
    }
}
