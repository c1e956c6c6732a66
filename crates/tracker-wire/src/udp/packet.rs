//! Numbers and ids out of a packet.

/// What is wrong with a packet. The sender's fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PacketError {
    /// It ends before all is there.
    #[error("the packet is too short")]
    TooShort,
    /// Not one of BEP 15's, or a first packet without its magic number.
    #[error("the packet is not a tracker's")]
    Unknown,
    /// An event that BEP 15 has not.
    #[error("the event is not known")]
    Event,
    /// An option of BEP 41 that is longer than what is left.
    #[error("an option is cut off")]
    Option,
}

/// Takes the first bytes of `packet`.
pub(super) fn take<const LEN: usize>(packet: &mut &[u8]) -> Result<[u8; LEN], PacketError> {
    let (bytes, rest) = packet.split_first_chunk().ok_or(PacketError::TooShort)?;
    *packet = rest;
    Ok(*bytes)
}

pub(super) fn take_u16(packet: &mut &[u8]) -> Result<u16, PacketError> {
    take(packet).map(u16::from_be_bytes)
}

pub(super) fn take_u32(packet: &mut &[u8]) -> Result<u32, PacketError> {
    take(packet).map(u32::from_be_bytes)
}

pub(super) fn take_u64(packet: &mut &[u8]) -> Result<u64, PacketError> {
    take(packet).map(u64::from_be_bytes)
}
