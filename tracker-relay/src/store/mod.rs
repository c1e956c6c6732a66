//! The database: all SQL is in this module. Durable is everything a person did.
//!
//! SQLite in one file, with one writer and a few readers. The statements keep to what PostgreSQL
//! shares: `$1` placeholders, BIGINT times, SMALLINT enums, `ON CONFLICT`, `RETURNING`; guarded
//! statements instead of row locks. A change's reply goes out only after [`Store`]'s commit, and
//! `synchronous=FULL` makes a commit survive a power cut.

pub mod events;
pub mod files;
pub mod group_makers;
pub mod groups;
pub mod history;
pub mod invariants;
pub mod invites;
pub mod join_requests;
pub mod keys;
pub mod passkeys;
pub mod pruning;
pub mod quotas;
pub mod users;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use sqlx::migrate::MigrateError;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};

use sqlx::{ConnectOptions, Sqlite};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub use writer::{Unwritable, WriteConnection};

use wire_protocol::ids::HistoryId;

use crate::limits::{LOG_BYTES_KEPT, PREVIEWS_AT_ONCE};

/// Readers beside the writer: some for whole groups, some for what strangers ask, and one is always left
/// for whoever logs in ([`crate::limits::CATCH_UPS_AT_ONCE`], [`PREVIEWS_AT_ONCE`]).
const READERS: u32 = 6;

/// Where reads come from, and how the writer is opened.
#[derive(Debug, Clone)]
pub struct Store {
    readers: SqlitePool,
    /// Who may read for strangers.
    for_strangers: Arc<Semaphore>,
    history: HistoryId,
    path: PathBuf,
}

/// A connection for reading, until it is dropped.
#[derive(Debug)]
pub struct StrangersRead {
    db: PoolConnection<Sqlite>,
    _permit: OwnedSemaphorePermit,
}

impl StrangersRead {
    /// The connection.
    pub fn db(&mut self) -> &mut SqliteConnection {
        &mut self.db
    }
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
        let mut writer = make_or_open(path, &options)
            .await
            .with_context(|| format!("cannot open the database {}", path.display()))?;
        sqlx::migrate!("migrations/sqlite").run(&mut writer).await.map_err(|error| cannot_migrate(path, error))?;
        make_shrinkable(&mut writer).await;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .min_connections(1)
            .acquire_timeout(Duration::from_secs(5))
            .connect_with(options.clone().read_only(true).create_if_missing(false))
            .await
            .context("cannot open the database for reading")?;
        let history = history::id_of(&mut writer).await.context("cannot read the database's history")?;
        let for_strangers = Arc::new(Semaphore::new(PREVIEWS_AT_ONCE));
        Ok((Self { readers, for_strangers, history, path: path.to_owned() }, WriteConnection::new(options, writer)))
    }

    /// A connection for reading.
    ///
    /// # Errors
    /// All readers are busy for too long, or the file is gone.
    pub async fn read(&self) -> sqlx::Result<PoolConnection<Sqlite>> {
        self.readers.acquire().await
    }

    /// A connection for reading what anybody may ask for. There are fewer of them than readers.
    ///
    /// # Errors
    /// As [`Store::read`]; those who wait for a connection do not count against its time.
    pub async fn read_for_strangers(&self) -> sqlx::Result<StrangersRead> {
        let permit = self.for_strangers.clone().acquire_owned().await;
        let _permit = permit.map_err(|_| sqlx::Error::PoolClosed)?;
        Ok(StrangersRead { db: self.read().await?, _permit })
    }

    /// Random, made with the database: the numbers of groups' events mean nothing in another one.
    pub fn history(&self) -> HistoryId {
        self.history
    }

    /// Makes this another history, after a backup was restored.
    ///
    /// # Errors
    /// The database's.
    pub async fn renew_history(&mut self, writer: &mut WriteConnection) -> anyhow::Result<()> {
        self.history = history::renew(writer.get().await?).await?;
        Ok(())
    }

    /// Bytes of the database file and of its log; 0 for what is not there.
    pub async fn file_sizes(&self) -> (usize, usize) {
        let mut log = self.path.clone().into_os_string();
        log.push("-wal");
        let (database, log) = tokio::join!(tokio::fs::metadata(&self.path), tokio::fs::metadata(&log));
        let len = |meta: std::io::Result<std::fs::Metadata>| meta.map_or(0, |meta| meta.len() as usize);
        (len(database), len(log))
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

fn cannot_migrate(path: &Path, error: MigrateError) -> anyhow::Error {
    let path = path.display();
    let sentence = match error {
        MigrateError::VersionMissing(_) | MigrateError::VersionTooNew(..) => format!(
            "{path} was written by a newer tracker-relay; update this one, or restore a backup from before the update"
        ),
        _ => format!("cannot bring {path} up to date"),
    };
    anyhow::Error::new(error).context(sentence)
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

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn what_strangers_ask_leaves_readers_to_members() {
        let folder = tempfile::tempdir().unwrap();
        let (store, _writer) = Store::open(&folder.path().join("covey.db")).await.unwrap();
        let mut theirs = Vec::new();
        for _ in 0..PREVIEWS_AT_ONCE {
            theirs.push(store.read_for_strangers().await.unwrap());
        }
        assert!(store.read_for_strangers().now_or_never().is_none());
        let mut ours = store.read().await.unwrap();
        assert_eq!(history::id_of(&mut ours).await.unwrap(), store.history());
        theirs.pop();
        store.read_for_strangers().await.unwrap();
    }

    #[tokio::test]
    async fn a_database_of_a_newer_program_is_refused_and_said_to_be_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("covey.db");
        let (_, mut writer) = Store::open(&path).await.unwrap();
        let newer = "INSERT INTO _sqlx_migrations VALUES (9999, 'newer', CURRENT_TIMESTAMP, TRUE, x'00', 1)";
        sqlx::query(newer).execute(writer.get().await.unwrap()).await.unwrap();
        writer.close().await.unwrap();
        let error = Store::open(&path).await.err().map(|error| error.to_string()).unwrap();
        assert!(error.contains("was written by a newer tracker-relay"), "{error}");
    }

    #[tokio::test]
    async fn a_history_is_the_databases_own_until_a_backup_is_restored() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("covey.db");
        let (first, writer) = Store::open(&path).await.unwrap();
        writer.close().await.unwrap();
        let (mut again, mut writer) = Store::open(&path).await.unwrap();
        assert_eq!(again.history(), first.history());
        again.renew_history(&mut writer).await.unwrap();
        assert_ne!(again.history(), first.history());
        assert_eq!(Store::open(&path).await.unwrap().0.history(), again.history());
        let (other, _) = Store::open(&folder.path().join("other.db")).await.unwrap();
        assert_ne!(other.history(), first.history());
    }
}
