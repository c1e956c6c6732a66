//! Subtitles as a browser reads them: WebVTT, which SubRip (`.srt`) nearly is.

/// Converts a file of subtitles of either kind. What is neither comes out without any.
pub fn to_webvtt(bytes: &[u8]) -> String {
    let text = decoded(bytes);
    let text = text.trim_start_matches('\u{feff}');
    if text.starts_with("WEBVTT") {
        return text.to_owned();
    }
    let mut webvtt = String::from("WEBVTT\n\n");
    for line in text.lines() {
        match timing(line) {
            Some(timing) => webvtt.push_str(&timing),
            None => push_text(line, &mut webvtt),
        }
        webvtt.push('\n');
    }
    webvtt
}

/// UTF-8 where it is that, UTF-16 where it says so, else the letters of Western Europe.
fn decoded(bytes: &[u8]) -> String {
    let wide = |from: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.as_chunks::<2>().0.iter().map(|pair| from(*pair)).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, ..] => wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] => wide(u16::from_be_bytes),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
        },
    }
}

/// `00:01:02,500 --> 00:01:04,000` with points for commas; what follows it are positions in another language.
fn timing(line: &str) -> Option<String> {
    let (from, rest) = line.split_once("-->")?;
    let to = rest.split_whitespace().next()?;
    Some(format!("{} --> {}", time(from)?, time(to)?))
}

/// Hours have two digits at least, thousandths have three.
fn time(text: &str) -> Option<String> {
    let (seconds, fraction) = text.trim().split_once([',', '.'])?;
    let parts: Vec<u32> = seconds.split(':').map(str::parse).collect::<Result<_, _>>().ok()?;
    let [hours, minutes, seconds] = match parts.as_slice() {
        [hours, minutes, seconds] => [*hours, *minutes, *seconds],
        [minutes, seconds] => [0, *minutes, *seconds],
        _ => return None,
    };
    let is_fraction = !fraction.is_empty() && fraction.bytes().all(|digit| digit.is_ascii_digit());
    (is_fraction && minutes < 60 && seconds < 60)
        .then(|| format!("{hours:02}:{minutes:02}:{seconds:02}.{:0<3}", &fraction[..fraction.len().min(3)]))
}

/// An arrow would be read as a time, and `<font>` is shown as it stands by nobody.
fn push_text(line: &str, webvtt: &mut String) {
    let line = line.replace("-->", "→");
    let mut rest = line.as_str();
    while let Some((before, tag)) = rest.split_once('<') {
        webvtt.push_str(before);
        let Some((inside, after)) = tag.split_once('>') else {
            // No tag: it would swallow what follows.
            webvtt.push_str("&lt;");
            rest = tag;
            continue;
        };
        if matches!(inside, "i" | "/i" | "b" | "/b" | "u" | "/u") {
            webvtt.push_str(&format!("<{inside}>"));
        }
        rest = after;
    }
    webvtt.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn srt_becomes_webvtt() {
        let srt = "\u{feff}1\r\n00:00:01,500 --> 00:00:03,20 X1:10\r\n<i>Hello</i>,\r\nyou\r\n\r\n2\r\n1:02:03,004 --> 1:02:04,5\r\n<font color=\"red\">Bye</font>\r\n";
        let webvtt =
            "WEBVTT\n\n1\n00:00:01.500 --> 00:00:03.200\n<i>Hello</i>,\nyou\n\n2\n01:02:03.004 --> 01:02:04.500\nBye\n";
        assert_eq!(to_webvtt(srt.as_bytes()), webvtt);
    }

    #[test]
    fn webvtt_stays_what_it_is() {
        let webvtt = "WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n";
        assert_eq!(to_webvtt(webvtt.as_bytes()), webvtt);
    }

    #[test]
    fn other_letters_are_read() {
        assert!(to_webvtt(b"Caf\xe9").ends_with("Café\n"));
        let wide: Vec<u8> = "\u{feff}Café".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(to_webvtt(&wide).ends_with("Café\n"));
        assert!(to_webvtt("Café 東京".as_bytes()).ends_with("Café 東京\n"));
    }

    #[test]
    fn text_is_never_a_time_nor_a_tag_that_swallows_it() {
        assert!(to_webvtt(b"1 --> 2").ends_with("1 → 2\n"));
        assert!(to_webvtt(b"a < b").ends_with("a &lt; b\n"));
        assert!(to_webvtt("00:00:01,é --> 00:00:02,000".as_bytes()).contains('→'));
        assert!(to_webvtt(b"00:99:01,000 --> 00:00:02,000").contains('→'));
    }

    #[test]
    fn no_bytes_make_it_panic() {
        for seed in 0..2000_u32 {
            let byte = |at: u32| (seed.wrapping_mul(2_654_435_761).rotate_left(at) >> (at % 7)) as u8;
            let letters = b"0123:,.-> <i/\n\xff";
            let bytes: Vec<u8> = (0..40).map(|at| letters[usize::from(byte(at)) % letters.len()]).collect();
            assert!(to_webvtt(&bytes).starts_with("WEBVTT"));
        }
    }
}
