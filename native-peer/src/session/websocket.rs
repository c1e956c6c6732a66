//! What WebSockets are opened with: tungstenite's own limits are made for other programs.

use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use wire_protocol::control::MESSAGE_LEN_MAX;

/// A message on a relay link that is read, bytes. Peers send at most 256 KiB at a time.
const LINK_MESSAGE_LEN_MAX: usize = 1 << 20;

/// For the control connection: small messages, small buffers.
pub fn control_config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(16 << 10)
        .write_buffer_size(16 << 10)
        .max_write_buffer_size(256 << 10)
        .max_message_size(Some(MESSAGE_LEN_MAX))
        .max_frame_size(Some(MESSAGE_LEN_MAX))
}

/// For a relay link: bulk.
pub fn link_config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(128 << 10)
        .write_buffer_size(128 << 10)
        .max_write_buffer_size(1 << 20)
        .max_message_size(Some(LINK_MESSAGE_LEN_MAX))
        .max_frame_size(Some(LINK_MESSAGE_LEN_MAX))
}
