//! `native-peer create` beside a plain SHA-1 of the same bytes.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Result;
use covey_tests::Stage;
use sha1::{Digest, Sha1};

use crate::builds::Build;
use crate::options::Options;
use crate::report::{Aim, Comparison, Report, Row, median};
use crate::rounds::order;
use crate::usage;

const CHUNK_LEN: usize = 1 << 20;

/// Adds the comparison to the report.
pub async fn measure(stage: &Stage, builds: &[Build], options: &Options, report: &mut Report) -> Result<()> {
    eprintln!("==> Hashing {} bytes", options.native_len);
    let file = stage.file("hashed.bin", options.native_len)?;
    let mut covey = vec![Vec::new(); builds.len()];
    let mut plain = Vec::new();
    for round in 0..options.rounds {
        plain.push(rate(options.native_len, hash(&file)?));
        for turn in order(builds.len(), round) {
            let build = &builds[turn];
            let torrent = stage.folder().join(build.folder("hashing", &format!("{round}.torrent")));
            let data = stage.subfolder(&build.folder("hashing", &format!("{round}-data")))?;
            let mut create = Command::new(&build.native_peer);
            create.arg("create").arg(&file).arg("-o").arg(&torrent).arg("--data").arg(data).arg("--quiet");
            covey[turn].push(rate(options.native_len, usage::of(create).await?.wall));
        }
    }
    std::fs::remove_file(&file)?;
    let what = "native-peer create, all cores";
    report.add(Row {
        what: what.to_owned(),
        covey: median(covey[0].clone()),
        yardstick: "the sha1 crate, one thread".to_owned(),
        plain: median(plain),
        unit: "MB/s",
        aim: Aim::Open,
    });
    if let [this, other] = &covey[..] {
        let (this, other) = (this.clone(), other.clone());
        report.compare(Comparison { what: what.to_owned(), unit: "MB/s", this, other, aim: Aim::Open });
    }
    Ok(())
}

fn hash(path: &Path) -> Result<Duration> {
    let started = Instant::now();
    let mut file = File::open(path)?;
    let mut hasher = Sha1::new();
    let mut chunk = vec![0; CHUNK_LEN];
    loop {
        let len = file.read(&mut chunk)?;
        if len == 0 {
            break;
        }
        hasher.update(&chunk[..len]);
    }
    std::hint::black_box(hasher.finalize());
    Ok(started.elapsed())
}

/// Megabytes (10^6) per second.
pub fn rate(bytes: u64, took: Duration) -> f64 {
    bytes as f64 / 1e6 / took.as_secs_f64()
}
