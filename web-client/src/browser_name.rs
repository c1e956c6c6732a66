//! What others see of this program in their list of peers.

/// `Firefox 131`, `Chrome 141`, `Safari 18`: from `navigator.userAgent`. The order matters, as each
/// browser also names those it wants to be taken for.
pub fn browser_name(user_agent: &str) -> String {
    const MARKS: [(&str, &str); 6] = [
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("HeadlessChrome/", "Chromium"),
        ("Chrome/", "Chrome"),
        ("Version/", "Safari"),
    ];
    let found = MARKS.iter().find_map(|(mark, name)| {
        let version: String = user_agent.split_once(mark)?.1.chars().take_while(char::is_ascii_digit).take(4).collect();
        Some(format!("{name} {version}"))
    });
    found.map_or_else(|| "Browser".to_owned(), |name| name.trim_end().to_owned())
}

/// Phones and tablets.
pub fn is_mobile(user_agent: &str) -> bool {
    ["Android", "iPhone", "iPad", "Mobile"].iter().any(|mark| user_agent.contains(mark))
}

/// Pages Blobs to disk.
pub fn is_chromium(user_agent: &str) -> bool {
    user_agent.contains("Chrome/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_apart_though_each_claims_to_be_the_others() {
        let edge =
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36 Edg/141.0";
        let safari =
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1";
        assert_eq!(browser_name(edge), "Edge 141");
        assert_eq!(browser_name(safari), "Safari 18");
        assert_eq!(browser_name("curl/8"), "Browser");
        assert!(is_mobile(safari) && !is_mobile(edge));
        assert!(is_chromium(edge) && !is_chromium(safari));
    }
}
