//! What is said of scores.

/// Area under the ROC curve; ties count one half. `None` with one class only.
#[must_use]
pub fn auroc(scores: &[(f32, bool)]) -> Option<f64> {
    let mut sorted = scores.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let positives = sorted.iter().filter(|(_, label)| *label).count();
    let negatives = sorted.len() - positives;
    if positives == 0 || negatives == 0 {
        return None;
    }
    let (mut sum, mut below) = (0.0, 0.0);
    for tied in sorted.chunk_by(|a, b| a.0 == b.0) {
        let hits = tied.iter().filter(|(_, label)| *label).count() as f64;
        let misses = tied.len() as f64 - hits;
        sum += hits * (below + misses / 2.0);
        below += misses;
    }
    Some(sum / (positives as f64 * negatives as f64))
}

/// Area under the curve of precision over recall, in steps. `None` with one class only.
#[must_use]
pub fn average_precision(scores: &[(f32, bool)]) -> Option<f64> {
    let mut sorted = scores.to_vec();
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
    let positives = sorted.iter().filter(|(_, label)| *label).count();
    if positives == 0 || positives == sorted.len() {
        return None;
    }
    let (mut area, mut hits, mut seen, mut last) = (0.0, 0.0, 0.0, 0.0);
    for tied in sorted.chunk_by(|a, b| a.0 == b.0) {
        hits += tied.iter().filter(|(_, label)| *label).count() as f64;
        seen += tied.len() as f64;
        let recall = hits / positives as f64;
        area += (recall - last) * hits / seen;
        last = recall;
    }
    Some(area)
}

/// The lowest threshold above which at most this share of innocent texts lies. `None` without any.
#[must_use]
pub fn threshold_at(scores: &[(f32, bool)], rate: f64) -> Option<f32> {
    let mut innocent: Vec<f32> = scores
        .iter()
        .filter(|(_, label)| !label)
        .map(|(score, _)| *score)
        .collect();
    innocent.sort_by(|a, b| b.total_cmp(a));
    innocent
        .get((rate * innocent.len() as f64) as usize)
        .copied()
}

/// The share of attacks above a threshold. `None` without any.
#[must_use]
pub fn recall(scores: &[(f32, bool)], threshold: f32) -> Option<f64> {
    share(scores, true, threshold)
}

/// The share of innocent texts above a threshold. `None` without any.
#[must_use]
pub fn false_positives(scores: &[(f32, bool)], threshold: f32) -> Option<f64> {
    share(scores, false, threshold)
}

/// The share of attacks found when this share of innocent texts is flagged.
#[must_use]
pub fn recall_at(scores: &[(f32, bool)], rate: f64) -> Option<f64> {
    recall(scores, threshold_at(scores, rate)?)
}

fn share(scores: &[(f32, bool)], class: bool, threshold: f32) -> Option<f64> {
    let of: Vec<f32> = scores
        .iter()
        .filter(|(_, label)| *label == class)
        .map(|(score, _)| *score)
        .collect();
    let above = of.iter().filter(|score| **score > threshold).count();
    (!of.is_empty()).then(|| above as f64 / of.len() as f64)
}

/// Precision, recall and their harmonic mean at a threshold.
#[must_use]
pub fn f1(scores: &[(f32, bool)], threshold: f32) -> Option<f64> {
    let flagged = scores.iter().filter(|(score, _)| *score > threshold);
    let (hits, flagged) = flagged.fold((0, 0), |(hits, all), (_, label)| {
        (hits + usize::from(*label), all + 1)
    });
    let positives = scores.iter().filter(|(_, label)| *label).count();
    (positives > 0).then(|| 2.0 * f64::from(hits as u32) / (flagged + positives) as f64)
}

/// Expected calibration error in ten bins of probability, the classes weighed equally.
#[must_use]
pub fn calibration_error(scores: &[(f32, bool)]) -> Option<f64> {
    let positives = scores.iter().filter(|(_, label)| *label).count() as f64;
    let negatives = scores.len() as f64 - positives;
    if positives == 0.0 || negatives == 0.0 {
        return None;
    }
    let mut bins = [(0.0_f64, 0.0_f64, 0.0_f64); 10];
    for (score, label) in scores {
        let weight = if *label {
            0.5 / positives
        } else {
            0.5 / negatives
        };
        let bin = &mut bins[((score * 10.0) as usize).min(9)];
        bin.0 += weight;
        bin.1 += weight * f64::from(*score);
        bin.2 += if *label { weight } else { 0.0 };
    }
    Some(
        bins.iter()
            .map(|(_, score, hits)| (score - hits).abs())
            .sum(),
    )
}

/// The mean of what there is.
#[must_use]
pub fn mean(values: impl IntoIterator<Item = Option<f64>>) -> Option<f64> {
    let values: Vec<f64> = values.into_iter().flatten().collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_perfect_order_has_an_area_of_one_and_ties_count_half() {
        assert_eq!(auroc(&[(0.1, false), (0.9, true)]), Some(1.0));
        assert_eq!(auroc(&[(0.5, false), (0.5, true)]), Some(0.5));
        assert_eq!(auroc(&[(0.5, true)]), None);
        assert_eq!(
            average_precision(&[(0.9, true), (0.5, false), (0.4, true)]),
            Some(0.5 + 0.5 * 2.0 / 3.0)
        );
    }

    #[test]
    fn the_threshold_leaves_at_most_its_share_of_innocent_texts_above() {
        let scores: Vec<(f32, bool)> = (0..100).map(|i| (i as f32, false)).collect();
        let threshold = threshold_at(&scores, 0.01).unwrap();
        assert_eq!(threshold, 98.0);
        assert_eq!(false_positives(&scores, threshold), Some(0.01));
    }
}
