//! From a raw score to a probability.

/// Where a text comes from. Each place has its own calibration: what is usual in one is odd in another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Channel {
    /// What a person or an application says to the model.
    #[default]
    User,
    /// What the model is given to read: documents, search results, results of tools.
    Document,
}

impl Channel {
    /// Both, in the order in which models keep them.
    pub const ALL: [Self; 2] = [Self::User, Self::Document];

    /// A name for reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Document => "document",
        }
    }
}

/// A rising line through a few points, from a raw score to the logit of the calibrated one.
///
/// Beyond its ends the line goes on as between the last two points, so that no two raw scores are
/// told apart less than the trainer wanted.
///
/// ```
/// use fw_classify::Calibration;
///
/// let calibration = Calibration::new(vec![(0.0, -3.0), (2.0, 0.0), (4.0, 3.0)]).unwrap_or_default();
/// assert_eq!(calibration.score(2.0), 0.5);
/// assert!(calibration.score(3.0) > 0.8);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    knots: Vec<(f32, f32)>,
}

impl Default for Calibration {
    /// The raw score is the logit.
    fn default() -> Self {
        Self {
            knots: vec![(-1.0, -1.0), (1.0, 1.0)],
        }
    }
}

impl Calibration {
    /// Most points a calibration may have.
    pub const MAX_KNOTS: usize = 32;

    /// From points `(raw, logit)` that rise in both. At least two and at most [`MAX_KNOTS`](Self::MAX_KNOTS); `None` otherwise.
    #[must_use]
    pub fn new(knots: Vec<(f32, f32)>) -> Option<Self> {
        let rising = knots.windows(2).all(|pair| match pair {
            [(a, x), (b, y)] => a < b && x < y,
            _ => false,
        });
        let finite = knots.iter().all(|(a, x)| a.is_finite() && x.is_finite());
        let count = (2..=Self::MAX_KNOTS).contains(&knots.len());
        (rising && finite && count).then_some(Self { knots })
    }

    /// The points.
    #[must_use]
    pub fn knots(&self) -> &[(f32, f32)] {
        &self.knots
    }

    /// The calibrated score of a raw one, from 0 to 1.
    #[must_use]
    pub fn score(&self, raw: f32) -> f32 {
        1.0 / (1.0 + (-self.logit(raw)).exp())
    }

    fn logit(&self, raw: f32) -> f32 {
        let after = self.knots.partition_point(|(a, _)| *a <= raw);
        let upper = after.clamp(1, self.knots.len().saturating_sub(1).max(1));
        match (self.knots.get(upper - 1), self.knots.get(upper)) {
            (Some((a, x)), Some((b, y))) => x + (raw - a) * (y - x) / (b - a),
            _ => raw,
        }
    }
}
