//! The database: all SQL is in this module. Durable is everything a person did.
//!
//! SQLite in one file, with one writer and a few readers. The statements keep to what PostgreSQL
//! shares: `$1` placeholders, BIGINT times, SMALLINT enums, `ON CONFLICT`, `RETURNING`; guarded
//! statements instead of row locks. A change's reply goes out only after [`Store`]'s commit, and
//! `synchronous=FULL` makes a commit survive a power cut.

pub mod events;
pub mod files;
pub mod groups;
pub mod users;

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection};

/// Readers beside the writer. Reads are short; four keep four cores busy.
const READERS: u32 = 4;

/// Where reads come from, and how the writer is opened.
#[derive(Debug, Clone)]
pub struct Store {
    readers: SqlitePool,
}

impl Store {
    /// Opens (or makes) `DIR/covey.db`, brings its schema up to date and hands back the readers and
    /// the one writer.
    ///
    /// # Errors
    /// The file cannot be opened, or a newer program has changed its schema.
    pub async fn open(path: &Path) -> anyhow::Result<(Self, SqliteConnection)> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5))
            .pragma("trusted_schema", "OFF")
            .disable_statement_logging();
        let mut writer =
            options.connect().await.with_context(|| format!("cannot open the database {}", path.display()))?;
        sqlx::migrate!("migrations/sqlite").run(&mut writer).await.with_context(|| {
            format!("cannot bring {} up to date (was it written by a newer tracker-relay?)", path.display())
        })?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .min_connections(1)
            .acquire_timeout(Duration::from_secs(5))
            .connect_with(options.read_only(true).create_if_missing(false))
            .await
            .context("cannot open the database for reading")?;
        Ok((Self { readers }, writer))
    }

    /// A connection for reading.
    ///
    /// # Errors
    /// All readers are busy for too long, or the file is gone.
    pub async fn read(&self) -> sqlx::Result<sqlx::pool::PoolConnection<sqlx::Sqlite>> {
        self.readers.acquire().await
    }

    /// Whether the database answers.
    pub async fn is_alive(&self) -> bool {
        match self.read().await {
            Ok(mut db) => sqlx::query("SELECT 1").execute(&mut *db).await.is_ok(),
            Err(_) => false,
        }
    }

    /// Closes the readers.
    pub async fn close(&self) {
        self.readers.close().await;
    }
}

/// Folds the write-ahead log into the database file and closes the writer.
///
/// # Errors
/// The disk's.
pub async fn close_writer(mut writer: SqliteConnection) -> sqlx::Result<()> {
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut writer).await?;
    writer.close().await
}

/// A column that only this program writes holds something else: the file is damaged.
fn damaged(what: &str) -> sqlx::Error {
    sqlx::Error::Decode(format!("the database holds a damaged {what}").into())
}

/// An id column.
fn id<const N: usize>(bytes: Vec<u8>) -> sqlx::Result<[u8; N]> {
    bytes.try_into().map_err(|_| damaged("id"))
}

/// A number column that is never negative.
fn unsigned<T: TryFrom<i64>>(value: i64) -> sqlx::Result<T> {
    T::try_from(value).map_err(|_| damaged("number"))
}
