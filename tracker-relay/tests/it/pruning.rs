//! Forgetting what is old, beside the work.

use std::sync::Arc;

use tokio::time::timeout;
use tracker_relay::limits::PRUNE_SLICE_ROWS;
use tracker_relay::store::Store;
use tracker_relay::tracker::bus::Bus;
use tracker_relay::tracker::ledger::Ledger;
use tracker_relay::tracker::rules::Rules;

use crate::harness::PATIENCE;

const OLD: i64 = 20 * PRUNE_SLICE_ROWS as i64;

async fn count_replies(store: &Store) -> i64 {
    sqlx::query_scalar("SELECT COUNT(*) FROM requests").fetch_one(&mut *store.read().await.unwrap()).await.unwrap()
}

#[tokio::test]
async fn jobs_are_answered_between_slices_of_what_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let (store, mut writer) = Store::open(&folder.path().join("covey.db")).await.unwrap();
    sqlx::query(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
         INSERT INTO requests SELECT randomblob(32), randomblob(16), 1000, x'00' FROM n",
    )
    .bind(OLD)
    .execute(writer.get().await.unwrap())
    .await
    .unwrap();
    let (ledger, writer) = Ledger::new(writer, Rules::default(), Arc::new(Bus::default()), Arc::default());
    // The first job is there before the writer begins: it waits for nothing. Each further one waits
    // for a slice at most, so after ten of them there is still something to forget.
    let jobs = async {
        for _ in 0..10 {
            assert!(ledger.can_commit().await);
        }
        let left = count_replies(&store).await;
        assert!(left > 0, "all {OLD} rows went while ten jobs waited");
        let forgotten = async {
            while count_replies(&store).await > 0 {
                assert!(ledger.can_commit().await);
            }
        };
        timeout(PATIENCE, forgotten).await.expect("old rows are forgotten in the end");
    };
    tokio::select! {
        () = jobs => {}
        () = writer => panic!("the writer has ended"),
    }
}
