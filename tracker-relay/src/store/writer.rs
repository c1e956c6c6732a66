//! The one connection that writes. After a begin or a commit that failed nobody knows in which state a
//! connection is (SQLite may have rolled back by itself while sqlx still counts a transaction), so it
//! is dropped then, and another is opened when the next job comes.

use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};
use tokio::time::{Instant, timeout};

/// From one attempt to open the database again to the next.
const REOPEN_PAUSE: Duration = Duration::from_secs(1);
/// An attempt that takes longer has failed.
const REOPEN_DEADLINE: Duration = Duration::from_secs(5);

/// The one connection that writes.
#[derive(Debug)]
pub struct WriteConnection {
    options: SqliteConnectOptions,
    state: State,
}

#[derive(Debug)]
enum State {
    Open(SqliteConnection),
    /// To be opened anew.
    Dropped,
    /// It could not be opened: not tried again before this.
    Failed {
        try_at: Instant,
        why: Unwritable,
    },
}

/// Why the database takes no writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unwritable {
    /// No room on its disk.
    #[error("the disk is full")]
    DiskFull,
    /// Anything else; the log has it.
    #[error("the database failed")]
    Broken,
}

impl From<&sqlx::Error> for Unwritable {
    fn from(error: &sqlx::Error) -> Self {
        let code = match error {
            sqlx::Error::Database(error) => error.code().and_then(|code| code.parse::<u32>().ok()),
            _ => None,
        };
        // The low byte is the primary code (https://www.sqlite.org/rescode.html): 13 is SQLITE_FULL.
        if code.is_some_and(|code| code & 0xff == 13) { Self::DiskFull } else { Self::Broken }
    }
}

impl WriteConnection {
    pub(super) fn new(options: SqliteConnectOptions, db: SqliteConnection) -> Self {
        Self { options, state: State::Open(db) }
    }

    /// The connection, opened anew if it had to be dropped.
    ///
    /// # Errors
    /// It cannot be opened now; for a second after a failed attempt that is said at once.
    pub async fn get(&mut self) -> Result<&mut SqliteConnection, Unwritable> {
        match self.state {
            State::Open(_) => {}
            State::Failed { try_at, why } if Instant::now() < try_at => return Err(why),
            State::Dropped | State::Failed { .. } => self.open().await?,
        }
        match &mut self.state {
            State::Open(db) => Ok(db),
            State::Dropped | State::Failed { .. } => Err(Unwritable::Broken),
        }
    }

    async fn open(&mut self) -> Result<(), Unwritable> {
        let opened = timeout(REOPEN_DEADLINE, self.options.connect()).await;
        let why = match opened {
            Ok(Ok(db)) => {
                self.state = State::Open(db);
                return Ok(());
            }
            Ok(Err(error)) => {
                tracing::error!(%error, "cannot open the database again");
                Unwritable::from(&error)
            }
            Err(_) => Unwritable::Broken,
        };
        self.state = State::Failed { try_at: Instant::now() + REOPEN_PAUSE, why };
        Err(why)
    }

    /// Drops the connection, and with it whatever it has not committed.
    pub async fn discard(&mut self) {
        if let State::Open(db) = std::mem::replace(&mut self.state, State::Dropped) {
            // Waited for, so that its lock is gone; whether it ends well does not matter any more.
            let _ = timeout(REOPEN_DEADLINE, db.close_hard()).await;
        }
    }

    /// Folds the write-ahead log into the database file and closes.
    ///
    /// # Errors
    /// The disk's.
    pub async fn close(self) -> sqlx::Result<()> {
        let State::Open(mut db) = self.state else { return Ok(()) };
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut db).await?;
        db.close().await
    }
}
