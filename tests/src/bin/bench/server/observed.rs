//! What a server process uses, read from outside.

use std::process::Command;

use anyhow::{Context, Result};
use covey_tests::Process;

use crate::usage::{cpu_seconds_of, pss_kib_of};

/// A server that is watched; ends when dropped.
pub struct Observed {
    pub process: Process,
    /// `127.0.0.1:PORT`
    pub host: String,
}

/// What the kernel holds for connections, bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct SocketMemory {
    /// At the server's ends.
    pub server: f64,
    /// At its clients'.
    pub clients: f64,
}

impl Observed {
    fn id(&self) -> Result<u32> {
        self.process.id().context("the server has ended")
    }

    /// User and system seconds so far.
    pub fn cpu_seconds(&self) -> Result<f64> {
        cpu_seconds_of(self.id()?)
    }

    /// Its proportional set size, KiB.
    pub fn pss_kib(&self) -> Result<f64> {
        pss_kib_of(self.id()?)
    }

    /// What the kernel holds for its connections, by `ss` (Debian: iproute2).
    pub fn socket_memory(&self) -> Result<SocketMemory> {
        let port = self.host.rsplit_once(':').context("no port")?.1;
        let held = |end: &str| {
            let output =
                Command::new("ss").args(["-tmnOH", "state", "connected", end, "=", &format!(":{port}")]).output();
            let output = output.context("cannot run ss (Debian: iproute2)")?;
            Ok::<_, anyhow::Error>(String::from_utf8_lossy(&output.stdout).lines().map(held_by).sum())
        };
        Ok(SocketMemory { server: held("sport")?, clients: held("dport")? })
    }
}

/// The receive and write queues of one connection in `skmem:(r0,rb131072,t0,tb2626560,f0,w0,…)`, bytes as the kernel
/// accounts for them.
fn held_by(line: &str) -> f64 {
    let fields = line.split_once("skmem:(").map_or("", |(_, fields)| fields);
    let field = |name: &str| {
        let number = |field: &str| field.strip_prefix(name)?.parse::<f64>().ok();
        fields.split([',', ')']).find_map(number).unwrap_or(0.0)
    };
    field("r") + field("w")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_queues_are_read_and_not_their_bounds() {
        let line = "ESTAB 0 0 127.0.0.1:1 127.0.0.1:2 skmem:(r2304,rb131072,t5,tb2626560,f1792,w4096,o0,bl0,d0)";
        assert_eq!(held_by(line), 6400.0);
        assert_eq!(held_by("ESTAB 0 0 127.0.0.1:1 127.0.0.1:2"), 0.0);
    }
}
