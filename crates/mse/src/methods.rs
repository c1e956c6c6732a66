//! What may follow the handshake.

/// How the peer wire goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// In the clear: only the beginning was hidden.
    Plaintext,
    /// Encrypted to the end.
    Rc4,
}

/// Methods that a side takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Methods {
    pub plaintext: bool,
    pub rc4: bool,
}

const PLAINTEXT: u32 = 1;
const RC4: u32 = 2;

impl Methods {
    /// Whatever the other side wants.
    pub const ALL: Self = Self { plaintext: true, rc4: true };
    /// Nothing in the clear.
    pub const RC4: Self = Self { plaintext: false, rc4: true };

    /// `crypto_provide`. Bits of later methods mean nothing here.
    pub(crate) fn from_bits(bits: u32) -> Self {
        Self { plaintext: bits & PLAINTEXT != 0, rc4: bits & RC4 != 0 }
    }

    pub(crate) fn bits(self) -> u32 {
        u32::from(self.plaintext) * PLAINTEXT + u32::from(self.rc4) * RC4
    }

    /// What an acceptor takes of what is offered: plaintext first, since it costs nothing, and who cannot do with it does not offer it.
    pub(crate) fn choose(self, offered: Self) -> Option<Method> {
        if self.plaintext && offered.plaintext {
            return Some(Method::Plaintext);
        }
        (self.rc4 && offered.rc4).then_some(Method::Rc4)
    }

    /// `crypto_select`: exactly one of what was offered.
    pub(crate) fn selected(self, bits: u32) -> Option<Method> {
        match bits {
            PLAINTEXT if self.plaintext => Some(Method::Plaintext),
            RC4 if self.rc4 => Some(Method::Rc4),
            _ => None,
        }
    }
}

impl Method {
    pub(crate) fn bits(self) -> u32 {
        match self {
            Self::Plaintext => PLAINTEXT,
            Self::Rc4 => RC4,
        }
    }
}
