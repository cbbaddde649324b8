//! What a strategy chooses from.

use std::{sync::Arc, time::Instant};

use crate::{
    clock::{Ticks, ticks},
    stats::TargetStats,
    tried::Tried,
};

/// One target in one pool.
#[derive(Clone, Debug)]
pub struct Member {
    /// What is known of the target. Pools with the same target share it.
    pub stats: Arc<TargetStats>,
    /// Its share, in proportion to those of the other members; 0 takes it out of the rotation.
    pub weight: f64,
}

impl Member {
    /// A target and its share.
    #[must_use]
    pub const fn new(stats: Arc<TargetStats>, weight: f64) -> Self {
        Self { stats, weight }
    }

    /// Its share as strategies use it: what is no positive number is 0.
    pub(crate) fn weight(&self) -> f64 {
        if self.weight.is_finite() {
            self.weight.max(0.0)
        } else {
            0.0
        }
    }
}

/// The members of a pool as one attempt of one request sees them.
#[derive(Clone, Copy, Debug)]
pub struct Candidates<'a> {
    members: &'a [Member],
    tried: &'a Tried,
    now: Instant,
    ticks: Ticks,
    key: Option<u64>,
}

impl<'a> Candidates<'a> {
    /// All members, those that the request is done with, the time, and the key of whoever asks (see
    /// [`sticky_key`](crate::sticky_key)).
    #[must_use]
    pub fn new(members: &'a [Member], tried: &'a Tried, now: Instant, key: Option<u64>) -> Self {
        Self {
            members,
            tried,
            now,
            ticks: ticks(now),
            key,
        }
    }

    /// The time of the pick.
    #[must_use]
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// The key of whoever asks, if requests of one user are to stay together.
    #[must_use]
    pub const fn key(&self) -> Option<u64> {
        self.key
    }

    /// How many members there are, ready or not.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there are no members at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Whether the request has been to a member before.
    #[must_use]
    pub fn is_retry(&self) -> bool {
        !self.tried.is_empty()
    }

    /// Whether a member can take the request now and has not been tried.
    #[must_use]
    pub fn is_ready(&self, position: usize) -> bool {
        let member = self.members.get(position);
        member.is_some_and(|member| self.can_take(member, position))
    }

    fn can_take(&self, member: &Member, position: usize) -> bool {
        !self.tried.contains(position) && member.stats.is_ready_at(self.ticks)
    }

    /// A member, ready or not.
    #[must_use]
    pub fn get(&self, position: usize) -> Option<Candidate<'a>> {
        self.members.get(position).map(|member| Candidate {
            position,
            member,
            now: self.now,
            ticks: self.ticks,
        })
    }

    /// Those that are ready, in the order of the list.
    pub fn ready(&self) -> impl Iterator<Item = Candidate<'a>> + use<'a> {
        self.ready_from(0)
    }

    /// Those that are ready, beginning at a position and going round.
    pub fn ready_from(&self, start: usize) -> impl Iterator<Item = Candidate<'a>> + use<'a> {
        let candidates = *self;
        let start = start.checked_rem(self.len()).unwrap_or_default();
        let (before, from) = self.members.split_at(start);
        let ring = from.iter().zip(start..).chain(before.iter().zip(0..));
        ring.filter(move |(member, position)| candidates.can_take(member, *position))
            .map(move |(member, position)| Candidate {
                position,
                member,
                now: candidates.now,
                ticks: candidates.ticks,
            })
    }
}

/// A member that a request may go to.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    position: usize,
    member: &'a Member,
    now: Instant,
    ticks: Ticks,
}

impl<'a> Candidate<'a> {
    /// Where it stands in the pool.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.position
    }

    /// What is known of it.
    #[must_use]
    pub fn stats(&self) -> &'a TargetStats {
        &self.member.stats
    }

    /// Its share, in proportion to those of the others; never negative, always finite.
    #[must_use]
    pub fn weight(&self) -> f64 {
        self.member.weight()
    }

    /// The time of the pick.
    #[must_use]
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// The same as it is kept.
    pub(super) const fn ticks(&self) -> Ticks {
        self.ticks
    }
}
