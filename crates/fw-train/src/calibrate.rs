//! From left-out scores to thresholds and probabilities.

use fw_classify::Calibration;

use crate::metrics::threshold_at;

/// A raw score becomes a probability: one half at the threshold that lets this share of innocent left-out texts
/// through to be flagged, and with the slope of a logistic curve through the left-out scores.
///
/// `innocent` are the scores that the threshold is taken from, `all` those of the slope.
#[must_use]
pub fn calibrate(innocent: &[f32], rate: f64, all: &[(f32, bool)]) -> (Calibration, f32) {
    let pairs: Vec<(f32, bool)> = innocent.iter().map(|score| (*score, false)).collect();
    let threshold = threshold_at(&pairs, rate).unwrap_or(0.0);
    let slope = slope(all);
    let knots = vec![
        (threshold - 1.0, -slope),
        (threshold, 0.0),
        (threshold + 1.0, slope),
    ];
    (Calibration::new(knots).unwrap_or_default(), threshold)
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
        let (calibration, threshold) = calibrate(&innocent, 0.01, &all);
        assert_eq!(calibration.score(threshold), 0.5);
        let flagged = innocent
            .iter()
            .filter(|score| calibration.score(**score) > 0.5)
            .count();
        assert_eq!(flagged, 10);
    }
}
