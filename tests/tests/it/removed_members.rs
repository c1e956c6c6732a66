//! A member whom an admin removes: nobody serves them any longer, whatever their program does.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use covey_tests::content::{self, MIB};
use covey_tests::greedy_leecher::Leeching;
use covey_tests::wait::SOON;
use covey_tests::{GreedyLeecher, Member, NativePeer, Stage, member};
use membership::{InviteTerms, NewLink, Remove};
use tokio::time::Instant;
use wire_protocol::ids::{GroupId, InviteId, MemberKey};
use wire_protocol::invite::Invite;

use crate::sharing::{ANA, BO, Sharing};

const CLEO: &str = "Cleo";
const LEN: u64 = 32 * MIB;
/// So that whoever serves is busy for the whole test, and the machine is not.
const PACE: [&str; 2] = ["--up", "8M"];
/// What is on its way may still arrive for so long.
const CARRIES_ON_MAX: Duration = Duration::from_secs(1);

/// Ana on another device, where she has the group's key too: only who has it can make the next one believed.
async fn ana_elsewhere(stage: &Stage, sharing: &Sharing) -> Result<(Member, GroupId)> {
    let identity = member::identity_in(&stage.folder().join(format!("{ANA}-data")))?;
    let mut ana = Member::connect(&sharing.tracker.url(), identity, ANA).await?;
    let group = *ana.conversation.groups().first_key_value().context("Ana is in a group")?.0;
    while ana.conversation.credentials(group).is_none() {
        ana.next().await?;
    }
    Ok((ana, group))
}

/// Removes a member. Returns when they are out.
async fn remove(stage: &Stage, sharing: &Sharing, member: MemberKey) -> Result<Instant> {
    let (mut ana, group) = ana_elsewhere(stage, sharing).await?;
    ana.ask(Remove { group, member, open: Vec::new() }).await?;
    Ok(Instant::now())
}

async fn ends(leeching: Leeching, removed: Instant) -> Result<()> {
    let closed = tokio::time::timeout(SOON, leeching.until_closed()).await;
    let last = closed.context("the link stays open")?.context("it was never served")?;
    let carried_on = last.saturating_duration_since(removed);
    ensure!(carried_on <= CARRIES_ON_MAX, "served for {carried_on:?} after the removal");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_members_direct_link_ends_within_a_second_and_no_other_opens() {
    Stage::play("a_removed_members_direct_link_ends_within_a_second_and_no_other_opens", async |stage| {
        let sharing = Sharing::start_with(stage, "private.bin", LEN, &PACE).await?;
        let mut cleo = GreedyLeecher::start(&sharing.invite, CLEO, "private.bin").await?;
        let ana = cleo.find(ANA).await?;
        let mut leeching = cleo.connect_soon(&ana).await?;
        leeching.until_served().await?;
        let removed = remove(stage, &sharing, cleo.who()).await?;
        ends(leeching, removed).await?;
        // With the ticket, the key and the address that they had.
        ensure!(cleo.connect(&ana).await.is_err(), "a removed member is answered");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_members_relayed_link_ends_within_a_second_and_no_other_is_granted() {
    Stage::play("a_removed_members_relayed_link_ends_within_a_second_and_no_other_is_granted", async |stage| {
        let options = [&PACE[..], &["--no-tcp"]].concat();
        let sharing = Sharing::start_with(stage, "private.bin", LEN, &options).await?;
        let mut cleo = GreedyLeecher::start(&sharing.invite, CLEO, "private.bin").await?;
        let ana = cleo.find(ANA).await?;
        let mut leeching = cleo.dial_soon(&ana).await?;
        leeching.until_served().await?;
        let removed = remove(stage, &sharing, cleo.who()).await?;
        ends(leeching, removed).await?;
        ensure!(cleo.dial(&ana).await.is_err(), "a removed member gets a link");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_stay_go_on_and_newcomers_get_the_new_key() {
    Stage::play("those_who_stay_go_on_and_newcomers_get_the_new_key", async |stage| {
        let sharing = Sharing::start_with(stage, "private.bin", LEN, &PACE).await?;
        let folder = stage.subfolder("Bo-files")?;
        let mut bo = NativePeer::download(stage, BO, &sharing.invite, &folder, &["--no-seed"])?;
        let has_begun = |event: &serde_json::Value| event["done"].as_u64().is_some_and(|done| done > 0);
        bo.event("progress", SOON, has_begun).await?;
        let cleo = GreedyLeecher::start(&sharing.invite, CLEO, "private.bin").await?;
        remove(stage, &sharing, cleo.who()).await?;
        bo.succeeds().await?;
        content::ensure_equal(&sharing.saved_in(&folder), &sharing.file)?;
        // A newcomer's link opens with the new key, and a ticket of the new epoch.
        let (mut ana, group) = ana_elsewhere(stage, &sharing).await?;
        let terms = InviteTerms {
            invite: InviteId([7; 16]),
            secret: [7; 16],
            lifetime_s: 3600,
            uses: None,
            needs_accept: false,
        };
        ana.ask(NewLink { group, terms }).await?;
        let slug = ana.conversation.groups()[&group].slug.clone();
        let invite = Invite::new(&sharing.tracker.url(), &slug, terms.secret)?.to_string();
        let folder = stage.subfolder("Dan-files")?;
        let mut dan = NativePeer::download(stage, "Dan", &invite, &folder, &["--no-seed"])?;
        dan.succeeds().await?;
        content::ensure_equal(&sharing.saved_in(&folder), &sharing.file)?;
        Ok(())
    })
    .await;
}
