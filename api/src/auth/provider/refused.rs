//! Every reason why a provider's token is not accepted, in a sentence for whoever sent it.
//! Refuses to repeat a token, or anything that only an attacker would have put into one.

use std::fmt;

use jsonwebtoken::errors::ErrorKind;

/// Why a provider's token is not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// It is longer than any token that is looked at.
    TooLong,
    /// It is no token at all.
    NoToken,
    /// It is not signed in the way that its key is for.
    Algorithm,
    /// Its header asks for something that is not understood here.
    Critical,
    /// Its header brings a key, or says where to fetch one.
    BringsKey,
    /// Its header says that it is another kind of token.
    Kind,
    /// It says who signed in to some client, and not what may be done here.
    IdToken,
    /// It is good only together with a proof that is not checked here.
    Bound,
    /// It does not say which key signed it.
    NoKey,
    /// It names a key that is not the provider's.
    UnknownKey,
    /// The provider's keys are not at hand.
    NoKeys,
    /// The signature is not the key's.
    Signature,
    /// Somebody else issued it.
    Issuer,
    /// It is meant for somebody else.
    Audience,
    /// A claim is missing.
    Missing(&'static str),
    /// A claim cannot be understood.
    Malformed(String),
    /// It has ended.
    Expired,
    /// It has not begun.
    NotYetValid,
    /// It lives longer than is allowed here, in seconds.
    Life(i64),
    /// None of its roles means anything here: the one refusal of somebody who is known.
    NoRole,
    /// It would post customer requests without naming its CRM system.
    NoSystem,
}

impl Refused {
    /// Whether it is good as a token, and only permits nothing here.
    #[must_use]
    pub const fn is_forbidden(&self) -> bool {
        matches!(self, Self::NoRole | Self::NoSystem)
    }
}

pub(super) fn of(error: &ErrorKind) -> Refused {
    const CLAIMS: [&str; 4] = ["iss", "aud", "sub", "exp"];
    match error {
        ErrorKind::InvalidSignature => Refused::Signature,
        ErrorKind::InvalidIssuer => Refused::Issuer,
        ErrorKind::InvalidAudience => Refused::Audience,
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName | ErrorKind::InvalidKeyFormat => {
            Refused::Algorithm
        }
        ErrorKind::MissingRequiredClaim(name) => {
            CLAIMS.into_iter().find(|claim| claim == name).map_or(Refused::NoToken, Refused::Missing)
        }
        _ => Refused::NoToken,
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(claim) => write!(f, "The token lacks the claim {claim}."),
            Self::Malformed(claim) => write!(f, "The token's claim {claim} cannot be understood."),
            Self::Life(longest) => {
                write!(f, "The token lives longer than the {longest} seconds that this server allows, or not at all.")
            }
            _ => f.write_str(self.sentence()),
        }
    }
}

impl Refused {
    const fn sentence(&self) -> &'static str {
        match self {
            Self::TooLong => "The token is longer than 16 KiB; ask your sign-in provider for one with fewer groups.",
            Self::NoToken => "This is no token: three parts joined by dots are expected.",
            Self::Algorithm => "The token is not signed in the way that the provider's key is for.",
            Self::Critical => "The token's header asks for something that this server does not understand.",
            Self::BringsKey => "The token's header brings a key of its own; only the provider's published keys count.",
            Self::Kind => "The token is of another kind than an access token.",
            Self::IdToken => "This is an ID token, which says who signed in. Send the access token instead.",
            Self::Bound => "The token is bound to a key that this server cannot ask for. Send a bearer token instead.",
            Self::NoKey => "The token does not say which key signed it.",
            Self::UnknownKey => UNKNOWN_KEY,
            Self::NoKeys => NO_KEYS,
            Self::Signature => "The token's signature is wrong.",
            Self::Issuer => "The token is somebody else's: this server does not know its issuer.",
            Self::Audience => "The token is meant for somebody else: it does not name this server as its audience.",
            Self::Expired => "The token has expired; sign in again.",
            Self::NotYetValid => "The token is not valid yet.",
            Self::NoRole => NO_ROLE,
            Self::NoSystem => NO_SYSTEM,
            Self::Missing(_) | Self::Malformed(_) | Self::Life(_) => "The token's claims cannot be understood.",
        }
    }
}

const UNKNOWN_KEY: &str =
    "The token is signed with a key that the provider does not publish. If the key is new, try again in a minute.";

const NO_KEYS: &str = "The sign-in provider's keys are not at hand at the moment, so its tokens cannot be checked. \
                       Try again in a minute; the server's log says why.";

const NO_ROLE: &str = "You are signed in, but none of your roles at the sign-in provider means anything here. \
                       Ask whoever runs this server which one you need.";

const NO_SYSTEM: &str = "You are signed in, but a token that posts customer requests must name the one CRM system \
                         that it posts for, and yours names none.";

impl std::error::Error for Refused {}
