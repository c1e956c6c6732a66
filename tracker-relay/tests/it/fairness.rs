//! Whoever asks for much waits for themselves.

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tracker_relay::random;
use tracker_relay::store::Store;
use tracker_relay::tracker::bus::Bus;
use tracker_relay::tracker::ledger::{Asked, Ledger};
use tracker_relay::tracker::rules::Rules;
use wire_protocol::control::{NewInvite, Request};
use wire_protocol::ids::{GroupId, InviteId, MemberKey, RequestId};

const STRANGER: MemberKey = MemberKey([1; 32]);
const BYSTANDER: MemberKey = MemberKey([2; 32]);

async fn create(ledger: &Ledger, member: MemberKey) -> MemberKey {
    let invite = NewInvite::for_anybody(InviteId(random::bytes()), random::bytes());
    let request = Request::CreateGroup { group: GroupId(random::bytes()), name: String::new(), key: None, invite };
    let id = RequestId(random::bytes());
    let asked = Asked { member, newcomer_name: "Somebody".to_owned(), id, request, info: None };
    ledger.request(asked).await.await.unwrap().outcome.unwrap();
    member
}

/// It came after all 200, in the order of asking.
#[tokio::test]
async fn a_request_beside_many_of_one_member_waits_for_one_or_two_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let (_, writer) = Store::open(&folder.path().join("covey.db")).await.unwrap();
    let (ledger, writer) = Ledger::new(writer, Rules::default(), Arc::new(Bus::default()), Arc::default());
    let writer = tokio::spawn(writer);
    let mut answers = FuturesUnordered::new();
    for _ in 0..200 {
        answers.push(create(&ledger, STRANGER));
    }
    answers.push(create(&ledger, BYSTANDER));
    let mut before = 0;
    while answers.next().await.unwrap() != BYSTANDER {
        before += 1;
    }
    assert!(before <= 2, "{before} of the stranger's came first");
    assert_eq!(answers.count().await, 200 - before, "and the stranger's are all done in the end");
    drop(ledger);
    writer.await.unwrap();
}
