#!/usr/bin/env bash
# sqlx-sqlite: a connection whose COMMIT failed for want of room never begins a transaction again.
#
# Versions: sqlx 0.9.0 (sqlx-sqlite 0.9.0, the SQLite that it brings).
# Seen: with the log at the largest size that the process may write (which stands for a full disk), COMMIT fails
# with SQLITE_IOERR_WRITE (the write of the log is what meets
# the limit, not the INSERT). SQLite has rolled the transaction back by itself. sqlx lowers its count of open
# transactions only when COMMIT or ROLLBACK succeeds; neither does, so `begin_with` fails with "attempted to call
# begin_with at non-zero transaction depth", also when there is room again. A new connection works.
# One would expect the next BEGIN to succeed once there is room.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2024"

[dependencies]
sqlx = { version = "=0.9.0", default-features = false, features = ["runtime-tokio", "sqlite"] }
tokio = { version = "1", features = ["rt", "macros"] }
rustix = { version = "=1.1.4", features = ["process"] }
TOML
cat > src/main.rs <<'RUST'
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};

fn limit_files_to(bytes: Option<u64>) {
    let maximum = getrlimit(Resource::Fsize).maximum;
    setrlimit(Resource::Fsize, Rlimit { current: bytes.or(maximum), maximum }).expect("a limit of our own");
}

async fn insert(db: &mut SqliteConnection, bytes: usize) -> sqlx::Result<()> {
    let mut transaction = db.begin_with("BEGIN IMMEDIATE").await?;
    sqlx::query("INSERT INTO t VALUES ($1)").bind(vec![0_u8; bytes]).execute(&mut *transaction).await?;
    println!("  the INSERT succeeded");
    transaction.commit().await
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> sqlx::Result<()> {
    let options = SqliteConnectOptions::new()
        .filename("finding.db")
        .create_if_missing(true)
        .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal);
    let mut db = SqliteConnection::connect_with(&options).await?;
    sqlx::query("CREATE TABLE t (b BLOB)").execute(&mut db).await?;

    limit_files_to(Some(64 * 1024));
    println!("no room: {}", insert(&mut db, 256 * 1024).await.expect_err("there is no room"));
    limit_files_to(None);
    println!("room again, the same connection: {:?}", insert(&mut db, 1).await.map_err(|error| error.to_string()));
    let mut fresh = SqliteConnection::connect_with(&options).await?;
    println!("room again, a new connection: {:?}", insert(&mut fresh, 1).await.map_err(|error| error.to_string()));
    Ok(())
}
RUST
# Without this the kernel ends a process that writes beyond the limit.
trap '' XFSZ
cargo run --quiet | tee seen.txt
grep -q '^room again, the same connection: Err("attempted to call begin_with at non-zero transaction depth")$' seen.txt
grep -q '^room again, a new connection: Ok(())$' seen.txt
# The INSERT of the refused transaction succeeded: what failed was COMMIT.
head -1 seen.txt | grep -q 'the INSERT succeeded'
echo "as described"
