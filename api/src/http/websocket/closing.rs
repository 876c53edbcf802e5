//! Why a socket is closed: the protocol's own codes, and RFC 6455's where the protocol has none. Each says whether its
//! client had better come back: graphql-ws does after the codes of RFC 6455 that are here, and after 4403 and 4408.

use std::borrow::Cow;

use axum::extract::ws::CloseFrame;

/// The longest reason, in bytes: a control frame has 125, two of them the code (RFC 6455, 5.5).
const LONGEST: usize = 123;

/// A close code with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Closing {
    code: u16,
    reason: Cow<'static, str>,
}

impl Closing {
    const fn new(code: u16, reason: &'static str) -> Self {
        Self { code, reason: Cow::Borrowed(reason) }
    }

    /// The service stops; another one may be there already.
    pub(super) const GOING_AWAY: Self = Self::new(1001, "The service is stopping; come back.");
    /// The client does not read what it subscribed to.
    pub(super) const TOO_SLOW: Self =
        Self::new(1013, "You read too slowly. Come back, and go on after the last cursor that you have.");
    /// As many sockets of one subject are open as there may be.
    pub(super) const TOO_MANY_SOCKETS: Self =
        Self::new(1013, "Too many WebSockets are open for this subject. Close one, or use one for several operations.");
    /// The database does not answer.
    pub(super) const UNAVAILABLE: Self =
        Self::new(1013, "The service cannot reach its database at the moment; try again shortly.");
    /// Messages are JSON, in text.
    pub(super) const NO_TEXT: Self = Self::new(4400, "Messages are text.");
    /// Something was asked before anybody was let in.
    pub(super) const UNAUTHORIZED: Self = Self::new(4401, "Unauthorized");
    /// The client speaks something else.
    pub(super) const PROTOCOL: Self = Self::new(4406, "Subprotocol not acceptable");
    /// The client did not say who it is.
    pub(super) const INIT_TIMEOUT: Self = Self::new(4408, "Connection initialisation timeout");
    /// The client said twice who it is.
    pub(super) const TOO_MANY_INITS: Self = Self::new(4429, "Too many initialisation requests");

    /// The token is no good, or not any more.
    pub(super) fn forbidden(why: &str) -> Self {
        Self { code: 4403, reason: Cow::Owned(why.to_owned()) }
    }

    /// A message that is none of the protocol's.
    pub(super) fn malformed(why: String) -> Self {
        Self { code: 4400, reason: Cow::Owned(why) }
    }

    /// What cannot be read, where the client did not simply go away.
    ///
    /// The library's errors are told apart by their words: it has no way through axum to their kinds.
    pub(super) fn unreadable(error: &axum::Error) -> Option<Self> {
        const OPENINGS: [(&str, Closing); 3] = [
            ("Space limit exceeded", Closing::new(1009, "A message has at most 128 KiB.")),
            ("UTF-8 encoding error", Closing::new(1007, "Text is UTF-8.")),
            ("WebSocket protocol error", Closing::new(1002, "This is not how WebSocket frames are sent (RFC 6455).")),
        ];
        let said = error.to_string();
        OPENINGS.into_iter().find(|(opening, _)| said.starts_with(opening)).map(|(_, closing)| closing)
    }

    /// Two operations under one id.
    pub(super) fn taken(id: &str) -> Self {
        Self { code: 4409, reason: Cow::Owned(format!("Subscriber for {id} already exists")) }
    }

    /// The frame that says it.
    pub(super) fn frame(&self) -> CloseFrame {
        let reason = &self.reason[..self.reason.floor_char_boundary(LONGEST)];
        CloseFrame { code: self.code, reason: reason.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_fits_into_a_control_frame() {
        let long = Closing::taken(&"é".repeat(100)).frame();
        assert!((LONGEST - 1..=LONGEST).contains(&long.reason.len()));
        for whole in [
            Closing::GOING_AWAY,
            Closing::TOO_SLOW,
            Closing::TOO_MANY_SOCKETS,
            Closing::UNAVAILABLE,
            Closing::NO_TEXT,
            Closing::INIT_TIMEOUT,
        ] {
            assert_eq!(whole.frame().reason.as_str(), whole.reason);
        }
    }
}
