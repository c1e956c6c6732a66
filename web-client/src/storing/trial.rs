//! What trying the disk says of it. `storage.estimate()` cannot: in Chromium it is 10 GiB whatever there is, in private
//! windows too.

use super::Disk;

/// Bytes of each write that is tried.
pub const WRITE_LEN: usize = 256 * 1024;
/// With each of them go so many of one byte. In a private window of Chromium every write asks the browser's own process, which takes
/// a millisecond however small it is; on disk these take a hundredth of that. Firefox asks another process for each write
/// everywhere, and has no such disk in private windows.
pub const TINY_WRITES: usize = 16;
/// So many of both together are timed, and the fastest counts: a busy machine is not a slow disk.
pub const WRITES: usize = 8;
/// On disk it is 0.2 ms, in a private window of a fast machine 16. A private window that is taken for a disk is asked for lengths of
/// gigabytes, which are memory of the browser there.
const SLOW_MS: f64 = 3.0;
/// Nobody has shared a bigger file.
const ROOM_MAX: u64 = 512 << 30;
/// Less room is none.
const ROOM_MIN: u64 = 1 << 20;
/// The room is known to a sixteenth.
const STEPS: u32 = 4;

/// How the disk is, by what each write took, milliseconds, and by asking whether a file can have a length. Where writing
/// is slow, no length is tried: it would be memory.
pub fn verdict(writes_ms: &[f64], fits: impl FnMut(u64) -> bool) -> Disk {
    let Some(fastest_ms) = writes_ms.iter().copied().reduce(f64::min) else {
        return Disk::Failing;
    };
    if fastest_ms > SLOW_MS {
        return Disk::Slow;
    }
    Disk::Works { room: room(fits) }
}

/// The greatest length that fits, to a sixteenth. Files without content cost nothing.
fn room(mut fits: impl FnMut(u64) -> bool) -> u64 {
    let mut room = ROOM_MAX;
    while !fits(room) {
        room /= 2;
        if room < ROOM_MIN {
            return 0;
        }
    }
    if room == ROOM_MAX {
        return room;
    }
    let mut step = room / 2;
    for _ in 0..STEPS {
        if fits(room + step) {
            room += step;
        }
        step /= 2;
    }
    room
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ON_DISK: [f64; 3] = [3.0, 0.1, 12.0];

    #[test]
    fn a_private_window_is_told_by_its_fastest_write_and_no_length_is_tried_there() {
        let slow = verdict(&[4.5, 30.0, 5.0], |_| panic!("a length is tried"));
        assert_eq!(slow, Disk::Slow);
    }

    #[test]
    fn a_busy_machine_is_not_a_slow_disk() {
        assert_eq!(verdict(&ON_DISK, |len| len <= 64 << 30), Disk::Works { room: 64 << 30 });
    }

    #[test]
    fn what_was_not_written_at_all_fails_and_what_has_no_room_has_none() {
        assert_eq!(verdict(&[], |_| true), Disk::Failing);
        assert_eq!(verdict(&ON_DISK, |_| false), Disk::Works { room: 0 });
        assert_eq!(verdict(&ON_DISK, |_| true), Disk::Works { room: ROOM_MAX });
    }

    proptest! {
        #[test]
        fn the_room_that_is_found_fits_and_is_nearly_all(there in ROOM_MIN..ROOM_MAX) {
            let found = room(|len| len <= there);
            prop_assert!(found <= there);
            prop_assert!(found >= there - there / 8, "{found} of {there}");
        }
    }
}
