//! The words of trackers, byte by byte, and the announcer in virtual time.

mod announcer;
mod damage;
mod http;
mod samples;
mod udp;
