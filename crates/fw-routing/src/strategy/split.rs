use super::{Candidates, Member, Random, Strategy};
use crate::sticky;

/// An A/B test: each user stays with one variant, and variants have users in proportion to their weights.
///
/// Choose it to compare models or providers. The request's key, made by [`sticky_key`](crate::sticky_key) of a
/// user id or a header, decides by rendezvous hashing: every replica decides alike, without shared state and
/// whatever the order of the list. Removing a variant, or one that is not ready, moves only its own users, and
/// back again; adding one takes users from all others in proportion. Changing a weight moves only as many users as
/// the shares change by, about. A request without a key goes to any variant, like with [`Random`].
///
/// A variant of weight 0 gets requests only when no other is ready.
///
/// A pick with a key costs a logarithm a target: about 10 ns each.
#[derive(Debug, Default)]
pub struct Split {
    random: Random,
    salts: Box<[u64]>,
}

impl Split {
    /// Requests without a key are dealt from a random seed.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// From a seed of one's own. Requests with a key do not depend on it.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.random = self.random.seed(seed);
        self
    }
}

impl Strategy for Split {
    fn name(&self) -> &'static str {
        "split"
    }

    fn prepare(&mut self, members: &[Member]) {
        let salts = members.iter().map(|member| sticky::salt(member.stats.id()));
        self.salts = salts.collect();
        self.random.prepare(members);
    }

    fn pick(&self, candidates: &Candidates<'_>) -> Option<usize> {
        let Some(key) = candidates.key() else {
            return self.random.pick(candidates);
        };
        let scored = candidates.ready().map(|candidate| {
            let salt = self.salts.get(candidate.position()).copied();
            let salt = salt.unwrap_or_else(|| sticky::salt(candidate.stats().id()));
            let score = sticky::score(key, salt, candidate.weight());
            (candidate.position(), score)
        });
        let highest = scored.max_by(|(_, a), (_, b)| a.total_cmp(b));
        highest.map(|(position, _)| position)
    }
}
