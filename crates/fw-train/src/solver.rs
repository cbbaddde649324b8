//! Logistic regression with L2, by coordinate descent on the dual (Yu, Huang and Lin, 2011). The same
//! data in the same order give the same weights.

use std::ops::Range;

/// One text, or one window of it, that is learned from.
#[derive(Debug, Clone)]
pub struct Instance {
    /// Its slots, among all.
    pub slots: Range<usize>,
    /// What each feature of characters is worth: one over the length of the whole.
    pub value: f32,
    /// What is to be learned.
    pub label: bool,
    /// How much it counts.
    pub weight: f32,
}

/// Weights of slots, and what is added to every score.
#[derive(Debug, Clone)]
pub struct Linear {
    /// One for each slot.
    pub weights: Vec<f32>,
    /// Added to every score.
    pub bias: f32,
}

/// How it is solved.
#[derive(Debug, Clone, Copy)]
pub struct Problem {
    /// How many slots there are. Those of words come first, and are half of them.
    pub size: usize,
    /// The value of a feature of words, where one of characters has 1.
    pub word_value: f32,
    /// How little weights are held back.
    pub c: f32,
    /// Passes over the instances.
    pub epochs: usize,
    /// Order of the instances.
    pub seed: u64,
    /// Share of labels taken to be wrong.
    pub smoothing: f32,
    /// Share of the slots that may have a weight, chosen by the seed.
    pub keep: f32,
}

impl Linear {
    /// The sum of the weights of some slots, words at their value.
    #[must_use]
    pub fn sum(&self, slots: &[u32], word_value: f32) -> f32 {
        let half = self.weights.len() / 2;
        let (mut words, mut chars) = (0.0, 0.0);
        for slot in slots {
            let slot = *slot as usize;
            if slot < half {
                words += self.weights[slot];
            } else {
                chars += self.weights[slot];
            }
        }
        words * word_value + chars
    }

    fn add(&mut self, slots: &[u32], word_value: f32, by: f32, mask: &[f32]) {
        let half = self.weights.len() / 2;
        for slot in slots {
            let slot = *slot as usize;
            let by = if slot < half { by * word_value } else { by };
            self.weights[slot] += by * mask[slot];
        }
    }
}

/// The weights that tell the instances apart best.
#[must_use]
pub fn solve(problem: &Problem, slots: &[u32], instances: &[Instance]) -> Linear {
    let mut model = Linear {
        weights: vec![0.0; problem.size],
        bias: 0.0,
    };
    // A smoothed label is the label, and a little of its opposite.
    let copies: &[(bool, f32)] = if problem.smoothing > 0.0 {
        &[(false, 1.0), (true, 1.0)]
    } else {
        &[(false, 1.0)]
    };
    let share = |flipped: bool| {
        if flipped {
            problem.smoothing
        } else {
            1.0 - problem.smoothing
        }
    };
    let mut order: Vec<(usize, bool)> = (0..instances.len())
        .flat_map(|i| copies.iter().map(move |(flipped, _)| (i, *flipped)))
        .collect();
    let bound: Vec<f64> = order
        .iter()
        .map(|(i, flipped)| f64::from(problem.c * instances[*i].weight * share(*flipped)))
        .collect();
    let mut alpha: Vec<[f64; 2]> = bound.iter().map(|c| [(0.001 * c).min(1e-8), 0.0]).collect();
    for (alpha, c) in alpha.iter_mut().zip(&bound) {
        alpha[1] = c - alpha[0];
    }
    let mut random = fastrand::Rng::with_seed(problem.seed);
    let kept = |_| {
        if random.f32() < problem.keep {
            1.0
        } else {
            0.0
        }
    };
    let mask: Vec<f32> = (0..problem.size).map(kept).collect();
    let mut places: Vec<usize> = (0..order.len()).collect();
    let mut tolerance = 1e-2_f64;
    for _ in 0..problem.epochs {
        random.shuffle(&mut places);
        for &place in &places {
            let (index, flipped) = order[place];
            let instance = &instances[index];
            let own = &slots[instance.slots.clone()];
            let sign = if instance.label == flipped {
                -1.0_f32
            } else {
                1.0
            };
            let score = model.sum(own, problem.word_value) * instance.value + model.bias;
            // Features that occur in two blocks count twice, so that the length is a little more than one.
            let a = 1.1 + f64::from(problem.keep);
            let c = bound[place];
            if let Some(change) = step(&mut alpha[place], a, f64::from(sign * score), c, tolerance)
            {
                let by = change as f32 * sign;
                model.add(own, problem.word_value, by * instance.value, &mask);
                model.bias += by;
            }
        }
        tolerance = (tolerance * 0.5).max(1e-6);
    }
    order.clear();
    model
}

/// Solves for one coordinate; what it changed by, if it did.
fn step(alpha: &mut [f64; 2], a: f64, b: f64, c: f64, tolerance: f64) -> Option<f64> {
    let (one, other, sign) = if 0.5 * a * (alpha[1] - alpha[0]) + b < 0.0 {
        (1, 0, -1.0)
    } else {
        (0, 1, 1.0)
    };
    let old = alpha[one];
    let mut z = old;
    if c - z < 0.5 * c {
        z *= 0.1;
    }
    let gradient = |z: f64| a * (z - old) + sign * b + (z / (c - z)).ln();
    let mut g = gradient(z);
    let mut steps = 0;
    while g.abs() >= tolerance && steps < 100 {
        let next = z - g / (a + c / (c - z) / z);
        z = if next <= 0.0 { z * 0.1 } else { next };
        g = gradient(z);
        steps += 1;
    }
    if steps == 0 || !z.is_finite() {
        return None;
    }
    alpha[one] = z;
    alpha[other] = c - z;
    Some(sign * (z - old))
}
