//! The clock and the id source: the only places that read the machine's time or its randomness.
//! Both are injected, so that a test or the demo sets its own time and everything else stays as it ships.

use std::sync::Arc;

use chrono::Utc;
use holdline_domain::time::Timestamp;
use uuid::{ContextV7, NoContext, Uuid};

/// Tells the time.
#[derive(Clone)]
pub struct Clock {
    now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    is_machines: bool,
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one home of the wall clock")]
    pub fn system() -> Self {
        Self { is_machines: true, ..Self::from_fn(|| Timestamp::new(Utc::now())) }
    }

    /// A clock of one's own.
    pub fn from_fn(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self { now: Arc::new(now), is_machines: false }
    }

    /// Whether it is the machine's, which other machines' clocks can be compared with.
    #[must_use]
    pub const fn is_machines(&self) -> bool {
        self.is_machines
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.now)()
    }
}

/// Makes ids and salts.
#[derive(Clone)]
pub struct Ids {
    next: Arc<dyn Fn() -> Uuid + Send + Sync>,
}

impl Ids {
    /// `UUIDv7`s of the clock's milliseconds, in increasing order within this process.
    #[must_use]
    pub fn random(clock: Clock) -> Self {
        let context = std::sync::Mutex::new(ContextV7::new());
        Self {
            next: Arc::new(move || {
                let micros = clock.now().micros().max(0).unsigned_abs();
                let (seconds, nanos) = (micros / 1_000_000, u32::try_from(micros % 1_000_000).unwrap_or(0) * 1_000);
                match context.lock() {
                    Ok(context) => Uuid::new_v7(uuid::Timestamp::from_unix(&*context, seconds, nanos)),
                    Err(_) => Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, seconds, nanos)),
                }
            }),
        }
    }

    /// A source of one's own.
    pub fn from_fn(next: impl Fn() -> Uuid + Send + Sync + 'static) -> Self {
        Self { next: Arc::new(next) }
    }

    /// A further id.
    #[must_use]
    pub fn next<T: From<Uuid>>(&self) -> T {
        (self.next)().into()
    }
}

/// 32 bytes from the machine's source of randomness.
pub fn random_bytes() -> Result<[u8; 32], getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
