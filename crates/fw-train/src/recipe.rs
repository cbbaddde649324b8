//! What can be tried. Whatever wins on left-out sources becomes the default.

use std::fmt;

use fw_classify::Parts;

use crate::folds::Task;

macro_rules! recipe {
    ($($(#[$doc:meta])* $name:ident: $kind:ty = $default:expr;)*) => {
        /// Numbers of a training run.
        #[derive(Debug, Clone, PartialEq)]
        #[allow(missing_copy_implementations)]
        pub struct Recipe {
            $($(#[$doc])* pub $name: $kind,)*
        }

        impl Default for Recipe {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }

        impl Recipe {
            /// Sets one number, written `name=value`.
            ///
            /// # Errors
            /// If there is none of that name, or the value is not one.
            pub fn set(&mut self, setting: &str) -> Result<(), String> {
                let (name, value) = setting.split_once('=').ok_or("settings are written name=value")?;
                match name {
                    $(stringify!($name) => {
                        self.$name = value.parse().map_err(|_| format!("{name}: `{value}` does not fit"))?;
                    })*
                    _ => return Err(format!("there is no setting `{name}`")),
                }
                Ok(())
            }
        }

        impl fmt::Display for Recipe {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                $(write!(f, "{}={} ", stringify!($name), self.$name)?;)*
                Ok(())
            }
        }
    };
}

recipe! {
    /// Bits of a slot's number, for each group of features.
    bits: u8 = 18;
    /// How little weights are held back.
    c: f32 = 20.0;
    /// Passes over the data.
    epochs: usize = 5;
    /// Order of the data.
    seed: u64 = 1;
    /// Whether decoded views are taken.
    views: bool = true;
    /// Characters in a window; 0: none.
    window: u32 = 400;
    /// Longer texts are cut into windows.
    over: u32 = 600;
    /// Whether windows are trained on.
    train_windows: bool = true;
    /// What a window of an innocent text counts, before division by the root of their number.
    negative_windows: f32 = 1.5;
    /// What the best window of a long attack counts.
    positive_window: f32 = 0.5;
    /// What the whole of a long text counts.
    whole: f32 = 1.0;
    /// What a row of the corpus counts.
    corpus: f32 = 1.0;
    /// How far sources count the same, for each label: 0, every row does; 1, every source does.
    balance: f32 = 0.0;
    /// The same for the families of the corpus.
    families: f32 = 0.0;
    /// What an innocent row counts.
    negatives: f32 = 1.0;
    /// The value of a feature of words, where one of characters has 1.
    word_value: f32 = 1.0;
    /// What phrases weigh: standard deviations of the score for one of the hits.
    phrases: f32 = 0.5;
    /// Share of labels taken to be wrong.
    smoothing: f32 = 0.0;
    /// Second passes that choose the best window of an attack.
    rounds: usize = 1;
    /// Models that are averaged, each with another seed.
    average: usize = 1;
    /// Share of the slots that each of the averaged models may use.
    keep: f32 = 1.0;
    /// Share of innocent texts that may be flagged, in the mean of the sources.
    rate: f64 = 0.01;
    /// The same for documents.
    document_rate: f64 = 0.005;
    /// The same for the head of abuse, which stands beside the one for everything.
    toxicity_rate: f64 = 0.001;
    /// How sources are dealt to the folds; 0: as the table says.
    deal: u64 = 0;
    /// How many of the worst rows are shown while trying.
    worst: usize = 0;
    /// Added to the number of features before the length is taken: very short texts say less.
    pad: f32 = 0.0;
    /// Taken from a score for each natural logarithm of the number of features.
    length_cost: f32 = 0.0;
    /// The same for the number of windows, of which at most eight count.
    window_cost: f32 = 0.0;
}

impl Recipe {
    /// What is taken from the score of a window with so many features, of a view with so many windows:
    /// see [`Parts::cost`](fw_classify::Parts::cost).
    #[must_use]
    pub fn cost(&self, features: usize, windows: usize) -> f32 {
        let windows = windows.clamp(1, Parts::COUNTED_WINDOWS);
        self.length_cost * (features as f32).ln_1p() + self.window_cost * (windows as f32).ln()
    }

    /// What a task's model is made with.
    #[must_use]
    pub fn of(task: Task) -> Self {
        match task {
            Task::Injection => Self {
                pad: 50.0,
                whole: 0.3,
                smoothing: 0.02,
                rate: 0.006,
                corpus: 0.25,
                word_value: 1.5,
                balance: 0.5,
                families: 0.3,
                length_cost: 0.3,
                window_cost: 0.3,
                ..Self::default()
            },
            Task::Safety => Self {
                pad: 50.0,
                smoothing: 0.02,
                epochs: 10,
                rate: 0.015,
                document_rate: 0.01,
                ..Self::default()
            },
        }
    }
}
