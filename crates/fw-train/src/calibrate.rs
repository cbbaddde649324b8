//! From left-out scores to thresholds and probabilities.

use fw_classify::Calibration;

/// A raw score becomes a probability: one half at the threshold that flags this share of innocent left-out texts, and
/// with the slope of a logistic curve through `all` left-out scores.
///
/// `sources` are the scores of innocent texts, source by source. Each source counts the same, and the one that is flagged
/// most is not counted: a single odd collection would set the threshold for all.
#[must_use]
pub fn calibrate(
    sources: impl Iterator<Item = Vec<f32>>,
    rate: f64,
    all: &[(f32, bool)],
) -> Calibration {
    let threshold = threshold(&sources.collect::<Vec<_>>(), rate);
    let slope = slope(all);
    let knots = vec![
        (threshold - 1.0, -slope),
        (threshold, 0.0),
        (threshold + 1.0, slope),
    ];
    Calibration::new(knots).unwrap_or_default()
}

fn threshold(sources: &[Vec<f32>], rate: f64) -> f32 {
    let mut scores: Vec<f32> = sources.iter().flatten().copied().collect();
    scores.sort_by(f32::total_cmp);
    let flagged = |threshold: f32| {
        let rates = sources.iter().map(|of| {
            of.iter().filter(|score| **score > threshold).count() as f64 / of.len().max(1) as f64
        });
        let rates: Vec<f64> = rates.collect();
        let worst = rates.iter().copied().fold(0.0, f64::max);
        match rates.len() {
            0 => 0.0,
            1 => worst,
            count => (rates.iter().sum::<f64>() - worst) / (count - 1) as f64,
        }
    };
    let first = scores.partition_point(|score| flagged(*score) > rate);
    scores.get(first).or(scores.last()).copied().unwrap_or(0.0)
}

/// A raw score becomes the probability of one of two kinds: one half in the middle between their means, and as steep as
/// two bell curves of one width have it. For heads that are too weak for more.
#[must_use]
pub fn even(all: &[(f32, bool)]) -> Calibration {
    let of = |class: bool| {
        let scores: Vec<f64> = all
            .iter()
            .filter(|(_, label)| *label == class)
            .map(|(raw, _)| f64::from(*raw))
            .collect();
        let count = scores.len().max(1) as f64;
        let mean = scores.iter().sum::<f64>() / count;
        (
            mean,
            scores.iter().map(|raw| (raw - mean).powi(2)).sum::<f64>() / count,
        )
    };
    let ((low, one), (high, other)) = (of(false), of(true));
    let middle = f64::midpoint(low, high) as f32;
    let steep = ((high - low) / f64::midpoint(one, other).max(1e-3)).clamp(0.1, 10.0) as f32;
    Calibration::new(vec![(middle - 1.0, -steep), (middle + 1.0, steep)]).unwrap_or_default()
}

/// The slope of the logistic curve that fits best, by Newton's method; the classes count the same.
fn slope(all: &[(f32, bool)]) -> f32 {
    let positives = all.iter().filter(|(_, label)| *label).count().max(1) as f64;
    let negatives = (all.len() as f64 - positives).max(1.0);
    let (mut a, mut b) = (0.5_f64, 0.0_f64);
    for _ in 0..50 {
        let (mut ga, mut gb, mut haa, mut hab, mut hbb) = (0.0, 0.0, 1e-6, 0.0, 1e-6);
        for (raw, label) in all {
            let weight = if *label {
                0.5 / positives
            } else {
                0.5 / negatives
            };
            let raw = f64::from(raw.clamp(-15.0, 15.0));
            let p = 1.0 / (1.0 + (-(a * raw + b)).exp());
            let error = weight * (p - f64::from(u8::from(*label)));
            let curve = weight * p * (1.0 - p);
            ga += error * raw;
            gb += error;
            haa += curve * raw * raw;
            hab += curve * raw;
            hbb += curve;
        }
        let determinant = haa * hbb - hab * hab;
        if determinant.abs() < 1e-12 {
            break;
        }
        a -= (hbb * ga - hab * gb) / determinant;
        b -= (haa * gb - hab * ga) / determinant;
    }
    if a.is_finite() {
        a.clamp(0.05, 10.0) as f32
    } else {
        1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_half_is_where_the_wanted_share_is_flagged() {
        let innocent: Vec<f32> = (0..1000).map(|i| i as f32 / 100.0).collect();
        let all: Vec<(f32, bool)> = innocent.iter().map(|s| (*s, *s > 5.0)).collect();
        let calibration = calibrate([innocent.clone()].into_iter(), 0.01, &all);
        let flagged = innocent
            .iter()
            .filter(|score| calibration.score(**score) > 0.5)
            .count();
        assert_eq!(flagged, 10);
    }
}
