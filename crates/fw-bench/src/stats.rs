//! Medians and quantiles.

/// Samples of one figure, in nanoseconds.
#[derive(Clone, Debug, Default)]
pub struct Samples(Vec<u64>);

/// What is kept of many samples, in microseconds.
#[derive(Clone, Copy, Debug)]
pub struct Quantiles {
    /// Half of the samples are at most this.
    pub p50: f64,
    /// 99 of 100 samples are at most this.
    pub p99: f64,
    /// 999 of 1,000 samples are at most this.
    pub p999: f64,
}

// === impl Samples ===

impl Samples {
    /// Adds one sample.
    pub fn push(&mut self, nanos: u64) {
        self.0.push(nanos);
    }

    /// Adds the samples of another connection.
    pub fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// The quantiles by nearest rank; `None` without samples.
    #[must_use]
    pub fn quantiles(mut self) -> Option<Quantiles> {
        self.0.sort_unstable();
        let rank = |q: f64| {
            let rank = (q * self.0.len() as f64).ceil() as usize;
            self.0.get(rank.max(1) - 1).map(|&nanos| nanos as f64 / 1e3)
        };
        Some(Quantiles {
            p50: rank(0.5)?,
            p99: rank(0.99)?,
            p999: rank(0.999)?,
        })
    }
}

/// The middle of some figures, the mean of the two middle ones when their number is even.
#[must_use]
pub fn median(figures: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut figures: Vec<f64> = figures.into_iter().collect();
    figures.sort_unstable_by(f64::total_cmp);
    let middle = figures.len() / 2;
    match figures.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(figures[middle]),
        _ => Some(f64::midpoint(figures[middle - 1], figures[middle])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_samples() {
        let mut samples = Samples::default();
        for micros in 1..=1_000 {
            samples.push(micros * 1_000);
        }
        let quantiles = samples.quantiles().unwrap();
        assert_eq!(
            (quantiles.p50, quantiles.p99, quantiles.p999),
            (500.0, 990.0, 999.0)
        );
        assert!(Samples::default().quantiles().is_none());
    }

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median([4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median([]), None);
    }
}
