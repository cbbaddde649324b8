//! The keys of one target, used in turn by weight.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::{
    clock::{Ticks, instant, ticks},
    status::KeyState,
    sticky,
    tried::Tried,
};

/// Deals requests out to the keys of a target, smoothly by their weights, and leaves out those that rest.
///
/// The smooth weighted round robin of nginx: each key that can be used earns its weight, the one that has most pays
/// for all. Keys are few, so a short lock and a walk over them is all it takes. A weight of zero makes a key a
/// reserve. A key is cooling when it met its rate limit, and set aside when its account is at fault.
#[derive(Debug)]
pub(crate) struct KeyRing {
    keys: Mutex<Vec<Key>>,
    len: usize,
}

#[derive(Debug)]
struct Key {
    weight: f64,
    earned: f64,
    cooling_until: Ticks,
    aside_until: Ticks,
}

impl KeyRing {
    /// Keys with these weights. What is no weight counts as zero.
    pub(crate) fn new(weights: &[f64]) -> Self {
        let keys = weights.iter().map(|&weight| Key {
            // A cap far above any weight, so that sums are numbers.
            weight: if weight > 0.0 { weight.min(1e12) } else { 0.0 },
            earned: 0.0,
            cooling_until: 0,
            aside_until: 0,
        });
        Self {
            keys: Mutex::new(keys.collect()),
            len: weights.len(),
        }
    }

    /// How many keys there are.
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// The next key among those that do not rest and were not tried; `None` if there is none.
    ///
    /// A single key is always picked: its target rests with it.
    pub(crate) fn pick(&self, now: Instant, tried: &Tried) -> Option<usize> {
        if self.len == 1 {
            return Some(0);
        }
        let now = ticks(now);
        let mut keys = self.keys();
        let usable =
            |(position, key): &(usize, &mut Key)| !tried.contains(*position) && key.is_ready(now);
        let mut total = 0.0;
        let mut most: Option<(usize, f64)> = None;
        let mut reserve = None;
        for (position, key) in keys.iter_mut().enumerate().filter(usable) {
            if key.weight == 0.0 {
                reserve = reserve.or(Some(position));
                continue;
            }
            key.earned += key.weight;
            total += key.weight;
            if most.is_none_or(|(_, earned)| key.earned > earned) {
                most = Some((position, key.earned));
            }
        }
        let Some((position, _)) = most else {
            return reserve;
        };
        if let Some(key) = keys.get_mut(position) {
            key.earned -= total;
        }
        Some(position)
    }

    /// Whether a key neither rests nor was tried.
    pub(crate) fn is_usable(&self, position: usize, now: Instant, tried: &Tried) -> bool {
        let is_ready = |key: &Key| key.is_ready(ticks(now));
        !tried.contains(position) && self.keys().get(position).is_some_and(is_ready)
    }

    /// The key of a session: always the same one while it can be used, and over many sessions each key in
    /// proportion to its weight. `None` if no key can be used.
    pub(crate) fn pick_for(&self, session: u64, now: Instant, tried: &Tried) -> Option<usize> {
        let now = ticks(now);
        let keys = self.keys();
        let usable =
            |(position, key): &(usize, &Key)| !tried.contains(*position) && key.is_ready(now);
        let scored = keys
            .iter()
            .enumerate()
            .filter(usable)
            .map(|(position, key)| {
                let salt = sticky::mix(position as u64 + 1);
                (position, sticky::score(session, salt, key.weight))
            });
        let highest = scored.max_by(|(_, a), (_, b)| a.total_cmp(b));
        highest.map(|(position, _)| position)
    }

    /// Lets a key rest that met its rate limit. A shorter rest does not end a longer one.
    pub(crate) fn cool(&self, position: usize, until: Instant) {
        if let Some(key) = self.keys().get_mut(position) {
            key.cooling_until = key.cooling_until.max(ticks(until));
        }
    }

    /// Lets a key rest that is wrong, forbidden or unpaid.
    pub(crate) fn set_aside(&self, position: usize, until: Instant) {
        if let Some(key) = self.keys().get_mut(position) {
            key.aside_until = key.aside_until.max(ticks(until));
        }
    }

    /// When the first key is back; `None` if one can be used now.
    pub(crate) fn ready_at(&self, now: Instant) -> Option<Instant> {
        if self.len == 1 {
            return None;
        }
        let first = self.keys().iter().map(Key::ready_from).min()?;
        if first <= ticks(now) {
            None
        } else {
            instant(first)
        }
    }

    /// The state of each key, and how long it lasts.
    pub(crate) fn status(&self, now: Instant) -> Vec<(KeyState, Option<Duration>)> {
        let status = |key: &Key| {
            let at = ticks(now);
            let state = if key.aside_until > at {
                KeyState::SetAside
            } else if key.cooling_until > at {
                KeyState::Cooling
            } else {
                return (KeyState::Ready, None);
            };
            let back = instant(key.ready_from());
            (state, back.map(|back| back.saturating_duration_since(now)))
        };
        self.keys().iter().map(status).collect()
    }

    fn keys(&self) -> MutexGuard<'_, Vec<Key>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Key {
    fn ready_from(&self) -> Ticks {
        self.cooling_until.max(self.aside_until)
    }

    fn is_ready(&self, now: Ticks) -> bool {
        self.ready_from() <= now
    }
}

#[cfg(test)]
mod tests;
