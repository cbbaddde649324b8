//! The scores of a text, by category.

mod together;

use fw_classify::phrases::{Hit, SpacedWords};
use fw_classify::{Channel, Classifier, Model, ModelError, Phrases, View};

use self::together::Together;
use crate::category::Category;

/// The phrases that come with the crate.
const PHRASES: &str = include_str!("../data/phrases.txt");

/// The heads that say whether a text is unsafe at all.
const HARM: &str = "harm";
const TOXICITY: &str = "toxicity";

/// What a category without a head scores by its phrases: none, one, and more.
const PHRASE_SCORES: [f32; 3] = [0.0, 0.8, 0.95];

/// What the scores of kinds are multiplied by that are not the surest one.
const OTHER_KINDS: f32 = 0.5;

/// Scores texts by category.
///
/// Two heads say whether a text is unsafe: one for harmful intent, which is the category `harmful_request`, and one for
/// abuse, which is `harassment`. The head of another category says which kind it is, and cannot be higher than the
/// higher one of those two: it must not add false alarms of its own. Kinds are easily mistaken for each other, so only
/// the surest one counts in full. A category's phrases count by themselves.
#[derive(Debug)]
pub(crate) struct Scorer {
    classifier: Option<Classifier>,
    harm: Option<usize>,
    toxicity: Option<usize>,
    /// By category: the head and the number in the phrases.
    sources: Vec<Source>,
    phrases: Phrases,
    together: &'static Together,
}

#[derive(Clone, Copy, Debug, Default)]
struct Source {
    head: Option<usize>,
    phrases: Option<usize>,
}

/// The scores of a text.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Scores {
    pub(crate) overall: f32,
    /// In the order of [`Category::ALL`].
    pub(crate) categories: Vec<f32>,
}

impl Scorer {
    pub(crate) fn new(model: &Model) -> Result<Self, ModelError> {
        let phrases = Phrases::parse(PHRASES)?;
        let has = |name: &str| model.heads().any(|head| head == name);
        let of_their_own = |category: &&Category| {
            !matches!(category, Category::HarmfulRequest | Category::Harassment)
        };
        let known = Category::ALL.iter().filter(of_their_own);
        let known = known.map(|category| category.name());
        let names: Vec<&str> = [HARM, TOXICITY]
            .into_iter()
            .chain(known)
            .filter(|name| has(name))
            .collect();
        let mut classifier = None::<Classifier>;
        for name in &names {
            classifier = Some(match classifier {
                None => Classifier::new(model, name)?,
                Some(classifier) => classifier.and(name)?,
            });
        }
        let place = |name: &str| names.iter().position(|head| *head == name);
        let sources = Category::ALL.iter().map(|category| Source {
            head: place(category.name()),
            phrases: phrases.index(category.name()),
        });
        Ok(Self {
            harm: place(HARM),
            toxicity: place(TOXICITY),
            sources: sources.collect(),
            classifier: classifier.map(|classifier| classifier.phrases(phrases.clone())),
            phrases,
            together: Together::shipped()?,
        })
    }

    pub(crate) fn score(&self, views: &[View], channel: Channel) -> Scores {
        let words: Vec<SpacedWords> = views
            .iter()
            .map(|view| SpacedWords::new(view.text()))
            .collect();
        let hits: Vec<Vec<Hit>> = words.iter().map(|it| self.phrases.hits_in(it)).collect();
        let heads = match &self.classifier {
            Some(classifier) => classifier.classify_found(views, &hits),
            None => Vec::new(),
        };
        let of = |head: Option<usize>| {
            let found = head.and_then(|head| heads.get(head));
            found.map(|found| found.score_in(channel))
        };
        let (harm, toxicity) = (of(self.harm), of(self.toxicity));
        let either = harm.unwrap_or(0.0).max(toxicity.unwrap_or(0.0));
        let kinds = self.sources.iter().filter_map(|source| of(source.head));
        let surest = kinds.fold(0.0, f32::max);
        let phrases = phrase_counts(&hits);
        let together: Vec<Category> = views
            .iter()
            .zip(&words)
            .flat_map(|(view, words)| self.together.find(view.text(), words))
            .collect();
        let mut overall = either;
        let mut categories = Vec::with_capacity(Category::ALL.len());
        for (category, source) in Category::ALL.iter().zip(&self.sources) {
            let own = of(source.head).map(|score| {
                let is_surest = score >= surest;
                score.min(either) * if is_surest { 1.0 } else { OTHER_KINDS }
            });
            let by_heads = match category {
                Category::HarmfulRequest => harm,
                Category::Harassment => toxicity,
                Category::Hate => own.or(toxicity),
                _ => own,
            };
            let count = source.phrases.and_then(|place| phrases.get(place));
            let count = count.copied().unwrap_or(0) + usize::from(together.contains(category));
            let count = count.min(PHRASE_SCORES.len() - 1);
            let by_phrases = PHRASE_SCORES.get(count).copied().unwrap_or(0.0);
            let score = by_heads.unwrap_or(0.0).max(by_phrases);
            overall = overall.max(score);
            categories.push(score);
        }
        Scores {
            overall,
            categories,
        }
    }
}

/// How many phrases of each list are in the view that has most.
fn phrase_counts(views: &[Vec<Hit>]) -> Vec<usize> {
    let mut most = Vec::new();
    for hits in views {
        let mut counts: Vec<usize> = Vec::new();
        for hit in hits {
            if counts.len() <= hit.head {
                counts.resize(hit.head + 1, 0);
            }
            if let Some(count) = counts.get_mut(hit.head) {
                *count += 1;
            }
        }
        if most.len() < counts.len() {
            most.resize(counts.len(), 0);
        }
        for (most, count) in most.iter_mut().zip(counts) {
            *most = count.max(*most);
        }
    }
    most
}

#[cfg(test)]
mod tests {
    use fw_classify::{ViewConfig, views};

    use super::*;

    #[test]
    fn the_phrases_can_be_read_and_name_heads_or_categories() {
        assert!(Phrases::parse(PHRASES).unwrap().len() > 300);
        let heads = PHRASES.lines().filter_map(|line| line.split_once('\t'));
        for (head, _) in heads {
            let known = Category::ALL.iter().any(|category| category.name() == head);
            assert!(known || [HARM, TOXICITY].contains(&head), "{head}");
        }
    }

    #[test]
    fn what_is_said_in_good_faith_holds_no_phrase() {
        let phrases = Phrases::parse(PHRASES).unwrap();
        for text in [
            "How do I kill a process, and how do I end my life insurance policy?",
            "Cut myself some slack; I don't want to hurt myself at the gym.",
            "My credit card was stolen. Somebody hacked my bank account and I want to report it.",
            "Write an essay about pornography, and a guide on phishing emails and ransomware for our staff.",
            "What is the sentence for sex with a minor? How do schools fight child pornography?",
            "The film is about a man who poisons his wife and gets away with murder.",
            "How to make a bath bomb at home; cómo hacer una bomba de agua; como fazer uma bomba de chocolate",
            "What are the warning signs of suicide? A friend of mine wants to die.",
            "Rats are vermin and should be exterminated. A white power cable.",
            "On m'a fait voler ma carte bancaire. Sono stati ammazzati in guerra.",
            "The terrorist attack was carried out with explosives; police described the pipe bomb.",
        ] {
            let normal = fw_classify::Normal::new(text, &fw_classify::NormalConfig::new());
            assert!(phrases.hits(normal.as_str()).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_category_without_a_head_is_found_by_its_phrases() {
        let scorer = Scorer::new(&crate::detector::tests::model(&["harm", "toxicity"])).unwrap();
        let score = |text: &str| {
            let scores = scorer.score(&views(text, &ViewConfig::new()), Channel::User);
            scores.categories[Category::SelfHarm.index()]
        };
        assert!(
            score("I want to end my life, how to kill myself") > score("I want to end my life")
        );
        assert!(score("我想自杀") > 0.5);
        assert!(score("how to kill a process in Linux") < 0.1);
    }
}
