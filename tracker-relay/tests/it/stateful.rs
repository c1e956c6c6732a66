//! Anything that anybody may ask, in any order, against the ledger itself: what holds of the database holds after every
//! step, and what events tell is what is there.

use std::collections::BTreeMap;
use std::sync::Arc;

use tracker_relay::clock;
use tracker_relay::store::{Store, events, groups, invariants};
use tracker_relay::tracker::bus::Bus;
use tracker_relay::tracker::ledger::{Asked, Ledger};
use tracker_relay::tracker::rules::Rules;
use wire_protocol::control::{
    GroupChange, KeyFor, NewInvite, Refusal, RefusalCode, Reply, Request, ResealedInvite, Role, Sealed,
};
use wire_protocol::ids::{FileId, GroupId, InviteId, MemberKey, RequestId};

const SEEDS: u64 = 5;
const STEPS: usize = 120;
const PEOPLE: u8 = 6;

struct World {
    store: Store,
    ledger: Ledger,
    rng: fastrand::Rng,
    groups: Vec<(GroupId, String)>,
    invites: Vec<(GroupId, NewInvite)>,
    epochs: BTreeMap<GroupId, u32>,
}

/// What was known of the actor before they asked.
struct Standing {
    role: Option<Role>,
    was_removed: bool,
    epoch: u32,
}

impl World {
    fn person(&mut self) -> MemberKey {
        MemberKey([self.rng.u8(1..=PEOPLE); 32])
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.rng.u8(..))
    }

    fn sealed(&mut self) -> Sealed {
        Sealed(vec![self.rng.u8(..); 40])
    }

    fn new_invite(&mut self, epoch: u32) -> NewInvite {
        NewInvite {
            uses: self.rng.bool().then(|| self.rng.u32(1..3)),
            needs_accept: self.rng.bool(),
            epoch,
            sealed: self.rng.bool().then(|| Sealed(vec![1; 40])),
            ..NewInvite::for_anybody(InviteId(self.bytes()), self.bytes())
        }
    }

    fn create(&mut self) -> Request {
        let key = self.rng.bool().then(|| Sealed(vec![1; 40]));
        Request::CreateGroup { group: GroupId(self.bytes()), name: String::new(), key, invite: self.new_invite(0) }
    }

    fn request(&mut self, group: GroupId, slug: String, current: u32) -> Request {
        let epoch = if self.rng.u8(..8) == 0 { self.rng.u32(..4) } else { current };
        let member = self.person();
        let of_group: Vec<NewInvite> =
            self.invites.iter().filter(|(of, _)| *of == group).map(|(_, new)| new.clone()).collect();
        let invite = self.rng.choice(&of_group).cloned();
        let invite = invite.unwrap_or_else(|| NewInvite::for_anybody(InviteId([0; 16]), [0; 32]));
        match self.rng.u8(..20) {
            0 => self.create(),
            1..=4 => Request::JoinGroup { slug, auth: invite.auth, message: "hi".to_owned() },
            5 => Request::AskToJoin { slug, message: String::new() },
            6 => Request::CreateInvite { group, invite: self.new_invite(epoch) },
            7 => Request::RevokeInvite { group, invite: invite.invite },
            8 => Request::LeaveGroup { group },
            9 => Request::KeepKey { group, epoch, sealed: self.sealed() },
            10 => Request::ForgetKey { group, epoch },
            11 => Request::GiveKeys { group, epoch, keys: self.keys() },
            12 | 13 => {
                Request::AcceptRequest { group, member, epoch, key: self.rng.bool().then(|| Sealed(vec![2; 40])) }
            }
            14 => Request::RefuseRequest { group, member },
            15 => Request::WithdrawRequest { group },
            16 => {
                let role = if self.rng.bool() { Role::Admin } else { Role::Member };
                Request::SetRole { group, member, role }
            }
            17 | 18 => {
                let sealed = self.sealed();
                let invites = vec![ResealedInvite { invite: invite.invite, sealed }];
                Request::RemoveMember { group, member, epoch: epoch + 1, keys: self.keys(), invites }
            }
            _ if self.rng.u8(..8) == 0 => Request::CloseGroup { group },
            _ => Request::AddFile { group, file: FileId(self.bytes()), name: "a".to_owned(), size: 1 },
        }
    }

    fn keys(&mut self) -> Vec<KeyFor> {
        (0..self.rng.usize(..4)).map(|_| KeyFor { member: self.person(), sealed: self.sealed() }).collect()
    }

    async fn ask(&mut self, member: MemberKey, id: RequestId, request: Request) -> Result<Reply, Refusal> {
        let asked = Asked { member, newcomer_name: format!("Person {}", member.0[0]), id, request, info: None };
        self.ledger.request(asked).await.await.unwrap().outcome
    }

    async fn standing(&self, group: GroupId, member: MemberKey) -> Standing {
        let mut db = self.store.read().await.unwrap();
        Standing {
            role: groups::role(&mut db, group, member).await.unwrap(),
            was_removed: groups::was_removed(&mut db, group, member).await.unwrap(),
            epoch: groups::by_id(&mut db, group).await.unwrap().map_or(0, |row| row.epoch),
        }
    }

    /// Everything durable but stored replies.
    async fn dump(&self) -> String {
        let mut db = self.store.read().await.unwrap();
        let mut dump = String::new();
        for table in ["users", "groups", "members", "invites", "files", "group_keys", "join_requests", "removals"] {
            let columns: Vec<String> = sqlx::query_scalar("SELECT name FROM pragma_table_info($1)")
                .bind(table)
                .fetch_all(&mut *db)
                .await
                .unwrap();
            let row = columns.iter().map(|column| format!("quote({column})")).collect::<Vec<_>>().join(" || ',' || ");
            let all = format!("SELECT {row} FROM {table} ORDER BY 1");
            let rows: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(all)).fetch_all(&mut *db).await.unwrap();
            dump.push_str(&format!("{table}\n{}\n", rows.join("\n")));
        }
        dump
    }

    /// A group's events, told one after another, are what is in its tables.
    async fn check_events(&mut self, group: GroupId) {
        let mut db = self.store.read().await.unwrap();
        let Some(row) = groups::by_id(&mut db, group).await.unwrap() else { return };
        let (mut members, mut epoch) = (Vec::new(), 0);
        let mut seq = 0;
        while seq < row.head_seq {
            for event in events::after(&mut db, group, seq, 256).await.unwrap() {
                assert_eq!(event.seq, seq + 1);
                seq = event.seq;
                match event.change {
                    GroupChange::Member(member) => match members.iter_mut().find(|(key, _)| *key == member.key) {
                        Some((_, role)) => *role = member.role,
                        None => members.push((member.key, member.role)),
                    },
                    GroupChange::MemberLeft(left) => members.retain(|(key, _)| *key != left),
                    GroupChange::MemberRemoved { member, epoch: next } => {
                        assert_eq!(next, epoch + 1);
                        epoch = next;
                        members.retain(|(key, _)| *key != member);
                    }
                    _ => {}
                }
            }
        }
        let there = groups::members(&mut db, group).await.unwrap();
        let there: Vec<_> = there.into_iter().map(|member| (member.key, member.role)).collect();
        assert_eq!((members, epoch), (there, row.epoch), "{group:?}");
    }

    async fn step(&mut self) {
        let member = self.person();
        let Some((group, slug)) = self.rng.choice(&self.groups).cloned() else {
            let request = self.create();
            return self.perform(member, GroupId([0; 16]), request).await;
        };
        let current = self.epochs.get(&group).copied().unwrap_or(0);
        let request = self.request(group, slug, current);
        self.perform(member, group, request).await;
    }

    async fn perform(&mut self, member: MemberKey, group: GroupId, request: Request) {
        let before = self.dump().await;
        let standing = self.standing(group, member).await;
        let id = RequestId(self.bytes());
        let outcome = self.ask(member, id, request.clone()).await;
        let broken = invariants::broken(&mut self.store.read().await.unwrap(), clock::now_ms()).await.unwrap();
        assert_eq!(broken, [""; 0], "after {request:?} by {member:?}: {outcome:?}");
        if outcome.is_err() {
            assert_eq!(self.dump().await, before, "a refused request changes nothing: {request:?}");
        } else if self.rng.u8(..4) == 0 {
            let after = self.dump().await;
            assert_eq!(self.ask(member, id, request.clone()).await, outcome, "sent again");
            assert_eq!(self.dump().await, after, "sent again it has one effect: {request:?}");
        }
        check_rights(&standing, &request, &outcome);
        self.note(group, &request, &outcome);
        self.check_events(group).await;
    }

    fn note(&mut self, group: GroupId, request: &Request, outcome: &Result<Reply, Refusal>) {
        match (request, outcome) {
            (Request::CreateGroup { group, invite, .. }, Ok(Reply::GroupCreated { slug })) => {
                self.groups.push((*group, slug.clone()));
                self.invites.push((*group, invite.clone()));
            }
            (Request::CreateInvite { invite, .. }, Ok(_)) => self.invites.push((group, invite.clone())),
            (Request::RemoveMember { epoch, .. }, Ok(_)) => drop(self.epochs.insert(group, *epoch)),
            _ => {}
        }
    }
}

fn check_rights(standing: &Standing, request: &Request, outcome: &Result<Reply, Refusal>) {
    let is_admins = matches!(
        request,
        Request::AcceptRequest { .. }
            | Request::RefuseRequest { .. }
            | Request::SetRole { .. }
            | Request::RemoveMember { .. }
            | Request::CloseGroup { .. }
    );
    if is_admins && standing.role != Some(Role::Admin) {
        assert_eq!(outcome.as_ref().unwrap_err().code, RefusalCode::NotAllowed, "{request:?}");
    }
    let is_members = matches!(
        request,
        Request::AddFile { .. } | Request::KeepKey { .. } | Request::GiveKeys { .. } | Request::CreateInvite { .. }
    );
    if is_members && standing.role.is_none() {
        assert_eq!(outcome.as_ref().unwrap_err().code, RefusalCode::NotAllowed, "{request:?}");
    }
    if standing.was_removed {
        assert!(!matches!(outcome, Ok(Reply::Joined { .. })), "removed, and in again without an admin: {request:?}");
    }
    if let (Request::RemoveMember { epoch, .. }, Ok(_)) = (request, outcome) {
        assert_eq!(*epoch, standing.epoch + 1);
    }
}

#[tokio::test]
async fn whatever_is_asked_in_whatever_order_the_groups_stay_sound() {
    for seed in 0..SEEDS {
        let folder = tempfile::tempdir().unwrap();
        let (store, writer) = Store::open(&folder.path().join("covey.db")).await.unwrap();
        let (ledger, writer) = Ledger::new(writer, Rules::default(), Arc::new(Bus::default()), Arc::default());
        let rng = fastrand::Rng::with_seed(seed);
        let mut world = World { store, ledger, rng, groups: Vec::new(), invites: Vec::new(), epochs: BTreeMap::new() };
        let steps = async move {
            for _ in 0..STEPS {
                world.step().await;
            }
            let World { store, ledger, .. } = world;
            store.close().await;
            drop(ledger);
        };
        tokio::join!(writer, steps);
    }
}

/// A rule that finds nothing would hold of anything.
#[tokio::test]
async fn what_is_broken_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let (store, mut writer) = Store::open(&folder.path().join("covey.db")).await.unwrap();
    let db = writer.get().await.unwrap();
    let group = GroupId([1; 16]);
    assert!(groups::insert(db, group, "a-b", "A", 1).await.unwrap());
    groups::next_seq(db, group).await.unwrap();
    let broken = invariants::broken(db, clock::now_ms()).await.unwrap();
    assert!(broken.len() == 1 && broken[0].starts_with("an open group has an admin"), "{broken:?}");
    sqlx::query("UPDATE groups SET closed_at = 1").execute(&mut *db).await.unwrap();
    sqlx::query("INSERT INTO removals VALUES ($1, x'01', x'02', 1)")
        .bind(&group.0[..])
        .execute(&mut *db)
        .await
        .unwrap();
    let broken = invariants::broken(db, clock::now_ms()).await.unwrap();
    assert!(broken.len() == 1 && broken[0].contains("are of open groups"), "{broken:?}");
    drop(store);
}
