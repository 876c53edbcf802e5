//! What is believed of a message: that whoever sent it has the secret, over the very bytes that came. Holds the three ways
//! in which CRMs sign; refuses to look into what was signed.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac_sha256::HMAC;
use holdline_domain::{facts::Digest, time::Timestamp};
use serde::Deserialize;
use standardwebhooks::Webhook;

/// How many bytes a secret of Standard Webhooks has at least here; the specification asks for 24.
const SHORTEST: usize = 16;

/// By how many seconds a message may be old, or early.
const TOLERANCE: i64 = 300;

/// How a hook's messages are signed.
#[derive(Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Signature {
    /// Standard Webhooks: `webhook-id`, `webhook-timestamp`, `webhook-signature`.
    StandardWebhooks {
        /// `whsec_…`.
        secret: String,
    },
    /// HMAC-SHA-256 of the body alone, in a header.
    HmacSha256 {
        /// The secret, as text.
        secret: String,
        /// The header.
        header: String,
        /// In which digits.
        #[serde(default)]
        encoding: Digits,
        /// What stands before them, such as `sha256=`.
        #[serde(default)]
        prefix: String,
    },
}

/// How a signature is written.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Digits {
    /// Hexadecimal.
    #[default]
    Hex,
    /// Base 64.
    Base64,
}

/// A header of a message by its name in lower case.
pub type Header<'h> = &'h (dyn Fn(&str) -> Option<String> + Sync);

impl Signature {
    /// Whether a secret can be used at all.
    pub(super) fn check(&self) -> Result<(), String> {
        match self {
            Self::StandardWebhooks { secret } => {
                let bytes = STANDARD.decode(secret.strip_prefix("whsec_").unwrap_or(secret));
                match bytes {
                    Ok(bytes) if bytes.len() >= SHORTEST => Ok(()),
                    _ => Err(format!("is no secret such as whsec_…, in base 64, of {SHORTEST} bytes or more")),
                }
            }
            Self::HmacSha256 { secret, .. } if secret.trim().is_empty() => Err("is empty".into()),
            Self::HmacSha256 { .. } => Ok(()),
        }
    }

    /// Whether a message is signed, not long ago.
    #[must_use]
    pub(super) fn verifies(&self, header: Header<'_>, body: &[u8], now: Timestamp) -> bool {
        match self {
            Self::StandardWebhooks { secret } => standard(secret, header, body, now).unwrap_or(false),
            Self::HmacSha256 { secret, header: name, encoding, prefix } => {
                let mac = HMAC::mac(body, secret.as_bytes());
                let digits = match encoding {
                    Digits::Hex => Digest::from(mac).to_string(),
                    Digits::Base64 => STANDARD.encode(mac),
                };
                header(&name.to_lowercase()).is_some_and(|said| same(&said, &format!("{prefix}{digits}")))
            }
        }
    }
}

/// The specification of Standard Webhooks, at the service's own time.
fn standard(secret: &str, header: Header<'_>, body: &[u8], now: Timestamp) -> Option<bool> {
    let (id, at) = (header("webhook-id")?, header("webhook-timestamp")?.parse().ok()?);
    if !is_recent(at, now) {
        return None;
    }
    let expected = Webhook::new(secret).ok()?.sign(&id, at, body).ok()?;
    Some(header("webhook-signature")?.split(' ').any(|said| same(said, &expected)))
}

/// HubSpot's signature, version 3: over the method, the URL as HubSpot calls it, the body and the time.
#[must_use]
pub(super) fn hubspot(secret: &str, url: &str, header: Header<'_>, body: &[u8], now: Timestamp) -> bool {
    let verified = || {
        let millis = header("x-hubspot-request-timestamp")?;
        if !is_recent(millis.parse::<i64>().ok()?.div_euclid(1_000), now) {
            return None;
        }
        let signed = [b"POST", url.as_bytes(), body, millis.as_bytes()].concat();
        let expected = STANDARD.encode(HMAC::mac(signed, secret.as_bytes()));
        Some(same(&header("x-hubspot-signature-v3")?, &expected))
    };
    verified().unwrap_or(false)
}

fn is_recent(seconds: i64, now: Timestamp) -> bool {
    (now.micros().div_euclid(1_000_000)).abs_diff(seconds) <= TOLERANCE.unsigned_abs()
}

/// Whether two texts are the same, in a time that does not tell where they differ.
#[must_use]
pub(super) fn same(one: &str, other: &str) -> bool {
    let differing = one.bytes().zip(other.bytes()).fold(0, |differing, (one, other)| differing | (one ^ other));
    one.len() == other.len() && std::hint::black_box(differing) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_763_000_000;

    fn now() -> Timestamp {
        Timestamp::from_micros(NOW * 1_000_000).unwrap()
    }

    fn headers(pairs: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> + use<> {
        let pairs: Vec<(String, String)> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        move |name| pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    #[test]
    fn a_hubspot_message_is_known_by_method_url_body_and_time() {
        let (secret, url, body) = ("client-secret", "https://okr.example.com/hooks/hubspot", b"[{\"eventId\":1}]");
        let sign = |url: &str, body: &[u8], millis: i64| {
            let millis = millis.to_string();
            STANDARD.encode(HMAC::mac([b"POST", url.as_bytes(), body, millis.as_bytes()].concat(), secret.as_bytes()))
        };
        let table = [
            (url, &body[..], NOW * 1_000, true),
            (url, b"[]", NOW * 1_000, false),
            ("https://okr.example.com/hooks/other", body, NOW * 1_000, false),
            (url, body, (NOW - 299) * 1_000, true),
            (url, body, (NOW - 302) * 1_000, false),
            (url, body, (NOW + 302) * 1_000, false),
        ];
        for (signed_url, signed_body, millis, good) in table {
            let signature = sign(signed_url, signed_body, millis);
            let said = headers(&[
                ("x-hubspot-request-timestamp", &millis.to_string()),
                ("x-hubspot-signature-v3", &signature),
            ]);
            assert_eq!(hubspot(secret, url, &said, body, now()), good, "{signed_url} {millis}");
        }
        assert!(!hubspot(secret, url, &headers(&[]), body, now()));
    }

    #[test]
    fn standard_webhooks_and_a_bare_hmac_are_checked_over_the_bytes_that_came() {
        let secret = format!("whsec_{}", STANDARD.encode([7; 32]));
        let signature = Webhook::new(&secret).unwrap().sign("msg_1", NOW, b"{}").unwrap();
        let said = headers(&[
            ("webhook-id", "msg_1"),
            ("webhook-timestamp", &NOW.to_string()),
            ("webhook-signature", &format!("v1,AAAA {signature}")),
        ]);
        let standard = Signature::StandardWebhooks { secret };
        assert!(standard.verifies(&said, b"{}", now()));
        assert!(!standard.verifies(&said, b"{ }", now()));
        let later = Timestamp::from_micros((NOW + 301) * 1_000_000).unwrap();
        assert!(!standard.verifies(&said, b"{}", later));

        // The vector of RFC 4231, 4.3 (test case 2).
        let hmac = Signature::HmacSha256 {
            secret: "Jefe".into(),
            header: "X-Signature".into(),
            encoding: Digits::Hex,
            prefix: "sha256=".into(),
        };
        let digits = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert!(hmac.verifies(&headers(&[("x-signature", digits)]), b"what do ya want for nothing?", now()));
        assert!(!hmac.verifies(&headers(&[("x-signature", digits)]), b"what do ya want for something?", now()));
    }
}
