//! How fast ordinary clients may announce: each torrent by itself, each address, and wrong passkeys.

use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;
use wire_protocol::ids::InfoHash;

use super::announces::NotTold;
use super::rates::{Buckets, Size};
use crate::address::{Network, networks};
use crate::limits::{
    ANNOUNCES_OF_PASSKEY_BURST, HTTP_ANNOUNCES_BURST, HTTP_ANNOUNCES_PER_SECOND, WRONG_PASSKEYS_PER_MINUTE,
};
use crate::store::passkeys::PasskeyHash;

const OF_TORRENT: Size = Size { burst: ANNOUNCES_OF_PASSKEY_BURST, per_second: 1.0 / 60.0 };
const OF_ADDRESS: Size = Size { burst: HTTP_ANNOUNCES_BURST, per_second: HTTP_ANNOUNCES_PER_SECOND };
const WRONG: Size = Size { burst: WRONG_PASSKEYS_PER_MINUTE, per_second: WRONG_PASSKEYS_PER_MINUTE / 60.0 };

/// All buckets that are not full.
#[derive(Debug, Default)]
pub struct AnnounceRates(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    torrents: Buckets<(PasskeyHash, InfoHash)>,
    networks: Buckets<Network>,
    wrong: Buckets<Network>,
}

impl AnnounceRates {
    /// One announce or scrape from an address.
    ///
    /// # Errors
    /// Too many of them, or of wrong passkeys.
    pub fn take(&self, address: IpAddr, now: Instant) -> Result<(), NotTold> {
        let mut state = self.lock();
        for (network, times) in networks(address) {
            if state.wrong.lacks(&network, WRONG.times(times), now) {
                return Err(NotTold::TooManyWrong);
            }
            if state.networks.lacks(&network, OF_ADDRESS.times(times), now) {
                return Err(NotTold::TooFast);
            }
        }
        for (network, times) in networks(address) {
            state.networks.charge(network, OF_ADDRESS.times(times), 1.0, now);
        }
        Ok(())
    }

    /// One announce of a torrent with a passkey that is right.
    ///
    /// # Errors
    /// Too many of them.
    pub fn take_of(&self, passkey: PasskeyHash, info_hash: InfoHash, now: Instant) -> Result<(), NotTold> {
        let (key, mut state) = ((passkey, info_hash), self.lock());
        if state.torrents.lacks(&key, OF_TORRENT, now) {
            return Err(NotTold::TooFast);
        }
        state.torrents.charge(key, OF_TORRENT, 1.0, now);
        Ok(())
    }

    /// One wrong passkey.
    pub fn count_wrong(&self, address: IpAddr, now: Instant) {
        let mut state = self.lock();
        for (network, times) in networks(address) {
            state.wrong.charge(network, WRONG.times(times), 1.0, now);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_torrent_is_announced_five_times_and_then_once_a_minute() {
        let (rates, now) = (AnnounceRates::default(), Instant::now());
        let (passkey, torrent, other) = (PasskeyHash([1; 32]), InfoHash([1; 20]), InfoHash([2; 20]));
        assert!((0..5).all(|_| rates.take_of(passkey, torrent, now).is_ok()));
        assert_eq!(rates.take_of(passkey, torrent, now), Err(NotTold::TooFast));
        assert_eq!(rates.take_of(passkey, other, now), Ok(()));
        let later = now + Duration::from_secs(61);
        assert_eq!(rates.take_of(passkey, torrent, later), Ok(()));
        assert_eq!(rates.take_of(passkey, torrent, later), Err(NotTold::TooFast));
    }

    #[test]
    fn an_address_with_too_many_wrong_passkeys_waits() {
        let (rates, now) = (AnnounceRates::default(), Instant::now());
        let (bad, good) = ([192, 0, 2, 1].into(), [192, 0, 2, 2].into());
        for _ in 0..10 {
            assert_eq!(rates.take(bad, now), Ok(()));
            rates.count_wrong(bad, now);
        }
        assert_eq!(rates.take(bad, now), Err(NotTold::TooManyWrong));
        assert_eq!(rates.take(good, now), Ok(()));
        assert_eq!(rates.take(bad, now + Duration::from_secs(7)), Ok(()));
        assert!((1..200).all(|_| rates.take(good, now).is_ok()));
        assert_eq!(rates.take(good, now), Err(NotTold::TooFast));
    }
}
