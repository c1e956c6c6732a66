//! The database: all SQL is in this module. Durable is everything a person did.
//!
//! SQLite in one file, with one writer and a few readers. The statements keep to what PostgreSQL
//! shares: `$1` placeholders, BIGINT times, SMALLINT enums, `ON CONFLICT`, `RETURNING`; guarded
//! statements instead of row locks. A change's reply goes out only after [`Store`]'s commit, and
//! `synchronous=FULL` makes a commit survive a power cut.

pub mod events;
pub mod files;
pub mod groups;
pub mod history;
pub mod pruning;
pub mod users;
mod writer;

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use sqlx::ConnectOptions;
use sqlx::sqlite::{SqliteAutoVacuum, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};

pub use writer::{Unwritable, WriteConnection};

use crate::limits::LOG_BYTES_KEPT;

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
    pub async fn open(path: &Path) -> anyhow::Result<(Self, WriteConnection)> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5))
            .pragma("journal_size_limit", LOG_BYTES_KEPT.to_string())
            .pragma("trusted_schema", "OFF")
            .disable_statement_logging();
        let mut writer =
            make_or_open(path, &options).await.with_context(|| format!("cannot open the database {}", path.display()))?;
        sqlx::migrate!("migrations/sqlite").run(&mut writer).await.with_context(|| {
            format!("cannot bring {} up to date (was it written by a newer tracker-relay?)", path.display())
        })?;
        make_shrinkable(&mut writer).await;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .min_connections(1)
            .acquire_timeout(Duration::from_secs(5))
            .connect_with(options.clone().read_only(true).create_if_missing(false))
            .await
            .context("cannot open the database for reading")?;
        Ok((Self { readers }, WriteConnection::new(options, writer)))
    }

    /// A connection for reading.
    ///
    /// # Errors
    /// All readers are busy for too long, or the file is gone.
    pub async fn read(&self) -> sqlx::Result<sqlx::pool::PoolConnection<sqlx::Sqlite>> {
        self.readers.acquire().await
    }

    /// Closes the readers.
    pub async fn close(&self) {
        self.readers.close().await;
    }
}

/// The file is told to be able to shrink when it is made: saying it again would write, each time.
async fn make_or_open(path: &Path, options: &SqliteConnectOptions) -> sqlx::Result<SqliteConnection> {
    if path.exists() {
        return options.connect().await;
    }
    options.clone().auto_vacuum(SqliteAutoVacuum::Incremental).connect().await
}

/// A database that was made without `auto_vacuum` is written anew once, so that it can shrink. Without
/// the room for that it stays as it is: everything works, it only keeps its size.
async fn make_shrinkable(db: &mut SqliteConnection) {
    let converted = async {
        let auto_vacuum: i64 = sqlx::query_scalar("PRAGMA auto_vacuum").fetch_one(&mut *db).await?;
        if auto_vacuum == 0 {
            sqlx::query("PRAGMA auto_vacuum = INCREMENTAL").execute(&mut *db).await?;
            sqlx::query("VACUUM").execute(&mut *db).await?;
        }
        Ok::<_, sqlx::Error>(())
    };
    if let Err(error) = converted.await {
        tracing::warn!(%error, "cannot write the database anew; it keeps its size until the next start");
    }
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
