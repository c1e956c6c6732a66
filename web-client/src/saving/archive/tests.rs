use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::pin::pin;
use std::process::Command;
use std::task::{Context, Poll, Waker};

use proptest::prelude::*;

use super::*;

/// A torrent whose bytes follow from their places, and are zeros from `zeros_from` on.
struct Virtual {
    zeros_from: u64,
}

impl Virtual {
    fn bytes(&self, range: Range<u64>) -> Vec<u8> {
        range.map(|at| if at < self.zeros_from { (at.wrapping_mul(167) >> 3) as u8 } else { 0 }).collect()
    }
}

impl Source for Virtual {
    async fn read(&mut self, bytes: Range<u64>, mut use_them: impl FnMut(&[u8])) -> Result<(), Trouble> {
        let zeros = [0; 1 << 16];
        let mut at = bytes.start;
        while at < bytes.end {
            let end = bytes.end.min(at + zeros.len() as u64);
            match at >= self.zeros_from {
                true => use_them(&zeros[..(end - at) as usize]),
                false => use_them(&self.bytes(at..end)),
            }
            at = end;
        }
        Ok(())
    }
}

/// A file: of zeros it keeps the length only.
struct OnDisk {
    file: File,
    content: Virtual,
    by_reference: u64,
}

impl Sink for OnDisk {
    async fn take(&mut self, part: Part, _: u64) -> Result<(), Trouble> {
        let no = |error: io::Error| Trouble::Other(error.to_string());
        match part {
            Part::Bytes(bytes) => self.file.write_all(&bytes).map_err(no),
            Part::Content(range) if range.start >= self.content.zeros_from => {
                self.by_reference += range.end - range.start;
                self.file.seek(SeekFrom::Current((range.end - range.start) as i64)).map(drop).map_err(no)
            }
            Part::Content(range) => {
                self.by_reference += range.end - range.start;
                self.file.write_all(&self.content.bytes(range)).map_err(no)
            }
        }
    }
}

/// Nothing here waits.
fn done<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits"),
    }
}

fn files(lens: impl IntoIterator<Item = (String, u64)>) -> Vec<FileEntry> {
    let mut offset = 0;
    let place = |(name, len): (String, u64)| {
        let path = ["season"].into_iter().chain(name.split('/')).map(str::to_owned).collect();
        let file = FileEntry { path, offset, len, is_padding: false };
        offset += len;
        file
    };
    lens.into_iter().map(place).collect()
}

/// Writes an archive, has two programs that are not ours check it, and returns what one of them lists: names, lengths.
fn checked(files: &[FileEntry], zeros_from: u64) -> (Vec<(String, u64)>, u64) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("season.zip");
    let content = || Virtual { zeros_from };
    let mut sink = OnDisk { file: File::create(&path).unwrap(), content: content(), by_reference: 0 };
    done(write_zip(files, &mut content(), &mut sink)).unwrap();
    let unzip = Command::new("unzip").arg("-tqq").arg(&path).output().unwrap();
    assert!(unzip.status.success(), "{}", String::from_utf8_lossy(&unzip.stdout));
    let list = "import sys, zipfile\nwith zipfile.ZipFile(sys.argv[1]) as archive:\n    \
                [print(entry.file_size, entry.filename) for entry in archive.infolist()]";
    let python = Command::new("python3").args(["-c", list]).arg(&path).output().unwrap();
    assert!(python.status.success(), "{}", String::from_utf8_lossy(&python.stderr));
    let listed = String::from_utf8(python.stdout).unwrap();
    let entry = |line: &str| line.split_once(' ').map(|(len, name)| (name.to_owned(), len.parse().unwrap()));
    (listed.lines().filter_map(entry).collect(), sink.by_reference)
}

fn wanted(files: &[FileEntry]) -> Vec<(String, u64)> {
    files.iter().map(|file| (file.path.join("/"), file.len)).collect()
}

#[test]
fn names_of_all_alphabets_and_files_without_bytes_come_out_as_they_are() {
    let named = [("Film.mkv", 9 << 20), ("Untertitel/Österreich 字幕.srt", 40_000), ("empty", 0), ("zz/last", 700_001)];
    let files = files(named.map(|(name, len)| (name.to_owned(), len)));
    let (listed, by_reference) = checked(&files, u64::MAX);
    assert_eq!(listed, wanted(&files));
    assert_eq!(by_reference, 9 << 20, "the film is copied through this program");
}

#[test]
fn more_than_four_gibibytes_and_more_than_65_535_files_come_out_right() {
    const BIG: u64 = (4 << 30) + 5;
    let small = (0..65_535).map(|number| (format!("many/{number}"), number % 3));
    let files = files([("big".to_owned(), BIG)].into_iter().chain(small));
    let (listed, by_reference) = checked(&files, 0);
    assert_eq!(listed.len(), 65_536);
    assert_eq!(listed, wanted(&files));
    assert_eq!(by_reference, BIG - 5);
}

/// Whoever reads and whoever takes gives up.
struct Broken(u32);

impl Sink for Broken {
    async fn take(&mut self, _: Part, _: u64) -> Result<(), Trouble> {
        self.0 = self.0.checked_sub(1).ok_or(Trouble::NoRoom)?;
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn a_sink_that_gives_up_ends_it_with_its_reason(parts in 0_u32..8) {
        let files = files((0..8).map(|number| (number.to_string(), BY_REFERENCE)));
        let written = done(write_zip(&files, &mut Virtual { zeros_from: 0 }, &mut Broken(parts)));
        prop_assert_eq!(written, Err(Trouble::NoRoom));
    }
}
