//! A copy of the database while the server goes on.

use std::path::Path;

use anyhow::{Context, bail};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};

use crate::clock;
use crate::private_file;
use crate::store::invariants;

/// Copies `DIR/covey.db` as it is at one moment to `to`, which must not exist, and looks whether the copy is sound.
///
/// # Errors
/// There is no database, the copy exists, the disk failed, or the database is damaged.
pub async fn backup(database: &Path, to: &Path) -> anyhow::Result<()> {
    if !database.exists() {
        bail!("there is no database {}", database.display());
    }
    if to.exists() {
        bail!("{} exists already; choose another name", to.display());
    }
    // Made first, and empty, which the copying allows: so nobody else on this machine can read it.
    private_file::touch(to).with_context(|| format!("cannot write {}", to.display()))?;
    let copied = copy(database, to).await;
    if copied.is_err() {
        // Half a copy must not be taken for one; if it cannot be removed, the error says what is wrong with it.
        let _ = std::fs::remove_file(to);
    }
    copied
}

async fn copy(database: &Path, to: &Path) -> anyhow::Result<()> {
    let options = SqliteConnectOptions::new().filename(database).read_only(true).disable_statement_logging();
    let mut db = options.connect().await.with_context(|| format!("cannot open {}", database.display()))?;
    let target = to.to_str().with_context(|| format!("{} is not UTF-8; choose another name", to.display()))?;
    sqlx::query("VACUUM INTO $1").bind(target).execute(&mut db).await.context("cannot copy the database")?;
    db.close().await.context("cannot close the database")?;
    std::fs::File::open(to).and_then(|copy| copy.sync_all()).context("cannot write the copy to the disk")?;
    let mut copy = SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(to).read_only(true))
        .await
        .context("cannot open the copy")?;
    let broken = invariants::broken(&mut copy, clock::now_ms()).await.context("cannot read the copy")?;
    copy.close().await.context("cannot close the copy")?;
    match broken.first() {
        None => Ok(()),
        Some(first) => bail!("the database is not sound: {first} ({} places). No copy was kept", broken.len()),
    }
}
