//! The points that each subject may spend: so many at once, and so many more each second. Holds the count and what an
//! answer says of it; what a request costs is weighed elsewhere.

use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use async_graphql::{Value, value};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::HashMapStateStore,
};

/// After how many charges the subjects that have all their points back are forgotten.
const SWEEP: u32 = 4_096;

/// How many points there are.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    /// How many somebody may spend at once.
    pub limit: NonZeroU32,
    /// How many come back each second.
    pub restored: NonZeroU32,
}

/// What every subject has left.
pub(super) struct Points<C: Clock = DefaultClock> {
    left: RateLimiter<String, HashMapStateStore<String>, C, StateInformationMiddleware>,
    allowance: Allowance,
    charges: AtomicU32,
}

/// What a request cost, as its answer says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spent {
    requested: u64,
    remaining: u32,
    allowance: (u32, u32),
}

/// Too few points are left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overspent {
    /// When enough will be there.
    pub wait: Duration,
    /// What was asked for, and what there is.
    pub spent: Spent,
}

impl Points {
    /// Everybody has all their points.
    #[must_use]
    pub(super) fn new(allowance: Allowance) -> Self {
        Self::by(DefaultClock::default(), allowance)
    }
}

impl<C: Clock> Points<C> {
    fn by(clock: C, allowance: Allowance) -> Self {
        let quota = Quota::per_second(allowance.restored).allow_burst(allowance.limit);
        let store = HashMapStateStore::new(HashMap::new());
        let left = RateLimiter::new(quota, store, clock);
        Self { left, allowance, charges: AtomicU32::new(0) }
    }

    /// Takes points from somebody, at least one, all or none; `before` were taken for the same request already. What is
    /// dearer than everything that one may have takes everything.
    pub(super) fn charge(&self, subject: &str, points: u64, before: u64) -> Result<Spent, Overspent> {
        if self.charges.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            self.left.retain_recent();
            self.left.shrink_to_fit();
        }
        let Allowance { limit, restored } = self.allowance;
        let taken = u32::try_from(points.max(1)).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MAX).min(limit);
        let spent = |remaining| Spent {
            requested: before.saturating_add(points),
            remaining,
            allowance: (limit.get(), restored.get()),
        };
        match self.left.check_key_n(&subject.to_owned(), taken) {
            Ok(Ok(state)) => Ok(spent(state.remaining_burst_capacity())),
            Ok(Err(not_until)) => {
                let wait = not_until.wait_time_from(self.left.clock().now());
                let missing = (wait.as_secs_f64() * f64::from(restored.get())).ceil();
                // The float is no greater than the limit and not negative.
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded just above")]
                let missing = missing.min(f64::from(taken.get())) as u32;
                Err(Overspent { wait, spent: spent(taken.get() - missing) })
            }
            // Never more than the limit is taken.
            Err(_) => Ok(spent(0)),
        }
    }
}

impl Spent {
    /// What an answer says under `extensions.cost`.
    #[must_use]
    pub fn extension(self) -> Value {
        let Self { requested, remaining, allowance: (limit, restored) } = self;
        value!({ "requested": requested, "limit": limit, "remaining": remaining, "restoreRate": restored })
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    fn points(limit: u32, restored: u32) -> (Points<FakeRelativeClock>, FakeRelativeClock) {
        let (clock, number) = (FakeRelativeClock::default(), |n| NonZeroU32::new(n).unwrap());
        (Points::by(clock.clone(), Allowance { limit: number(limit), restored: number(restored) }), clock)
    }

    fn said(spent: Spent) -> (u64, u32) {
        (spent.requested, spent.remaining)
    }

    #[test]
    fn each_subject_spends_its_own_points_and_gets_them_back_by_the_second() {
        let (points, clock) = points(100, 1);

        assert_eq!(points.charge("a", 1, 0).map(said), Ok((1, 99)));
        assert_eq!(points.charge("a", 59, 1).map(said), Ok((60, 40)));
        let refused = points.charge("a", 50, 0).unwrap_err();
        assert_eq!((refused.wait, said(refused.spent)), (Duration::from_secs(10), (50, 40)));
        assert_eq!(points.charge("b", 100, 0).map(said), Ok((100, 0)));
        clock.advance(refused.wait);
        assert_eq!(points.charge("a", 50, 0).map(said), Ok((50, 0)));
    }

    #[test]
    fn what_is_dearer_than_all_points_takes_them_all() {
        let (points, _) = points(100, 1);

        assert_eq!(points.charge("a", u64::MAX, 1).map(said), Ok((u64::MAX, 0)));
        assert_eq!(points.charge("b", 0, 0).map(said), Ok((0, 99)));
        assert_eq!(said(points.charge("b", 1_000, 0).unwrap_err().spent), (1_000, 99));
    }

    #[test]
    fn subjects_with_all_their_points_are_forgotten() {
        let (points, clock) = points(10, 10);
        for n in 0..SWEEP {
            let _ = points.charge(&format!("subject {n}"), 1, 0);
        }
        clock.advance(Duration::from_mins(1));
        for _ in 0..SWEEP {
            let _ = points.charge("last", 1, 0);
        }

        assert_eq!(points.left.len(), 1);
    }
}
