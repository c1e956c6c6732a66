//! What is said of a part of a file before its bytes.

use super::range::Asked;

/// The status and the headers of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
}

impl Head {
    /// Of a file of `len` bytes. A browser can seek only where it gets 206 and `Content-Range`.
    pub fn of_part(asked: &Asked, len: u64, content_type: &str) -> Self {
        let (status, range, sent) = match asked {
            Asked::Whole => (200, None, len),
            Asked::Part(part) => {
                (206, Some(format!("bytes {}-{}/{len}", part.start, part.end - 1)), part.end - part.start)
            }
            Asked::Beyond => (416, Some(format!("bytes */{len}")), 0),
        };
        let mut head = Self::new(status, content_type);
        head.headers.extend([("accept-ranges", "bytes".to_owned()), ("content-length", sent.to_string())]);
        head.headers.extend(range.map(|range| ("content-range", range)));
        head
    }

    /// Of something that is made while it is sent.
    pub fn new(status: u16, content_type: &str) -> Self {
        let nosniff = ("x-content-type-options", "nosniff".to_owned());
        let headers =
            vec![("content-type", content_type.to_owned()), ("cache-control", "no-store".to_owned()), nosniff];
        Self { status, headers }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(asked: Asked) -> (u16, String, String) {
        let head = Head::of_part(&asked, 1000, "video/mp4");
        let header = |wanted| head.headers.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.clone());
        (head.status, header("content-length").unwrap_or_default(), header("content-range").unwrap_or_default())
    }

    #[test]
    fn a_part_says_where_it_lies_and_what_is_not_there_says_how_long_the_file_is() {
        assert_eq!(said(Asked::Part(10..1000)), (206, "990".to_owned(), "bytes 10-999/1000".to_owned()));
        assert_eq!(said(Asked::Whole), (200, "1000".to_owned(), String::new()));
        assert_eq!(said(Asked::Beyond), (416, "0".to_owned(), "bytes */1000".to_owned()));
    }
}
