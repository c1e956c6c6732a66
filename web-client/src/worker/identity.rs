//! The person's identity, on its way to another of their devices and from there.

use wasm_bindgen_futures::spawn_local;

use super::driver::Driver;
use super::scope::post;
use crate::identity_link::IdentitySecret;
use crate::messages::{Report, encode};

impl Driver {
    /// Tells the page, once and nobody else.
    pub(super) fn show_identity(&self) {
        post(&encode(&Report::Identity(IdentitySecret::new(self.kept.seed))));
    }

    /// Keeps another identity in place of this one. The page begins anew with it; this driver ends as who it is.
    pub(super) fn take_identity(&self, secret: &IdentitySecret) {
        let replaced = self.kept.replace_identity(secret.seed());
        spawn_local(async move {
            let report = match replaced.await {
                Ok(()) => Report::IdentityTaken,
                Err(why) => Report::IdentityNotTaken(why),
            };
            post(&encode(&report));
        });
    }
}
