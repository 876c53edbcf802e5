//! What an operator may set of the front door, with its defaults. Reading flags is the configuration's.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use super::{documents::Documents, points::Allowance, sockets::Sockets};

/// The settings of the front door.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// Origins other than our own whose pages may call, as `https://host:port`.
    pub allowed_origins: Vec<String>,
    /// The limits of the sockets.
    pub sockets: Sockets,
    /// How long a body may take to arrive.
    pub body_time: Duration,
    /// How long execution may take.
    pub request_time: Duration,
    /// The points that each subject may spend.
    pub allowance: Allowance,
    /// How many streams of events each subject may have open.
    pub streams: usize,
    /// The address that browsers use, as `https://host[:port]`, where it is another than the one that is listened on.
    pub public_url: Option<String>,
    /// The documents that are asked for by their hash.
    pub documents: Arc<Documents>,
}

impl HttpSettings {
    /// Whether browsers come over TLS, which ends in front of the service.
    #[must_use]
    pub fn over_tls(&self) -> bool {
        self.public_url.as_ref().is_some_and(|url| url.starts_with("https://"))
    }
}

impl Default for HttpSettings {
    fn default() -> Self {
        const SECONDS_10: Duration = Duration::from_secs(10);
        const SECONDS_30: Duration = Duration::from_secs(30);
        let number = |n| NonZeroU32::new(n).unwrap_or(NonZeroU32::MAX);
        Self {
            allowed_origins: Vec::new(),
            sockets: Sockets { most: 1_024, header_time: SECONDS_30, write_time: SECONDS_30 },
            body_time: SECONDS_10,
            request_time: SECONDS_10,
            allowance: Allowance { limit: number(100_000), restored: number(1_000) },
            streams: 32,
            public_url: None,
            documents: Arc::default(),
        }
    }
}
