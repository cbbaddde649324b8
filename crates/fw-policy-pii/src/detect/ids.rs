//! Numbers of persons: national, tax, health, passport, licence and vehicle numbers.
//!
//! A candidate is looked up by its form among the schemes. One whose rules it keeps is found when the form tells
//! enough by itself, or when a word to the left names it. A word that names the scheme finds it with a wrong check
//! digit too: what people write beside "SSN:" is meant as one. A general word ("national id") finds any number.

use super::candidate::{self, Candidate};
use super::labels::{Meaning, Named};
use super::scheme::{self, Scheme};
use super::{licence, medical, national, passport, ssn, vehicle};
use crate::entity::Entity;
use crate::finding::{Finding, Findings, confidence};
use crate::region::{Region, Traits};

/// The schemes of all countries.
pub(crate) fn tables() -> impl Iterator<Item = &'static [Scheme]> {
    [
        ssn::SCHEMES,
        medical::SCHEMES,
        passport::SCHEMES,
        licence::SCHEMES,
        vehicle::SCHEMES,
    ]
    .into_iter()
    .chain(national::TABLES.iter().copied())
}

/// Fewer digits has no number but a number plate.
const FEWEST_DIGITS: usize = 3;

/// The longest number plate with its separators.
const LONGEST_PLATE: usize = 12;

pub(crate) fn find(region: &Region<'_>, found: &mut Findings) {
    let traits = region.traits();
    let plate = traits.all(Traits::DIGIT | Traits::UPPER) && region.body().len() <= LONGEST_PLATE;
    if traits.digits() < FEWEST_DIGITS && !plate {
        return;
    }
    candidate::each(region.text(), region.start(), |candidate| {
        if let Some(finding) = judge(region, candidate, found) {
            found.push(finding);
        }
    });
}

/// How far from the number the name of a scheme may stand when the number breaks the scheme's rules.
const CLOSE: usize = 24;

/// How far a general word may stand from a number of no known scheme: "number is".
const BESIDE: usize = 12;

/// The longest number that a general word alone speaks for.
const LONGEST_GENERAL: usize = 18;

/// What the candidate is most likely.
fn judge(region: &Region<'_>, candidate: &Candidate<'_>, found: &Findings) -> Option<Finding> {
    let labels = Labels::before(region, candidate);
    let mut best: Option<(usize, Finding)> = None;
    for (place, scheme) in scheme::with_form_of(candidate) {
        if labels.named.is_empty() && scheme.sure_alone(candidate) == 0 {
            continue;
        }
        let valid = (scheme.valid)(candidate.compact());
        let Some((rank, entity, confidence)) = labels.judge(place, scheme, candidate, valid) else {
            continue;
        };
        if found.wants(entity) && best.as_ref().is_none_or(|(other, _)| rank < *other) {
            let finding = Finding {
                range: candidate.range(),
                entity,
                scheme: scheme.name,
                confidence,
                checked: valid && scheme.checked,
            };
            best = Some((rank, finding));
        }
    }
    best.map(|(_, finding)| finding)
        .or_else(|| labels.general(candidate))
        .or_else(|| labels.plate(candidate))
}

/// What the words before a candidate say.
struct Labels {
    named: Named,
    national: Option<usize>,
    tax: Option<usize>,
    /// The nearest word that says it is something else.
    other: usize,
}

impl Labels {
    fn before(region: &Region<'_>, candidate: &Candidate<'_>) -> Self {
        let named = Named::of(&region.words_before(candidate.range().start));
        let other = named.distance(Meaning::Other).unwrap_or(usize::MAX);
        let nearer = |distance: &usize| *distance < other;
        Self {
            national: named.distance(Meaning::National).filter(nearer),
            tax: named.distance(Meaning::Tax).filter(nearer),
            named,
            other,
        }
    }

    /// How good a guess the scheme is (less is better), as what kind, and how sure.
    fn judge(
        &self,
        place: usize,
        scheme: &Scheme,
        candidate: &Candidate<'_>,
        valid: bool,
    ) -> Option<(usize, Entity, u8)> {
        let named = self
            .named
            .distance(Meaning::Scheme(place))
            .filter(|distance| *distance < self.other);
        if let Some(distance) = named {
            let rank = 4 * distance;
            if valid {
                let sure = if scheme.checked {
                    confidence::LIKELY
                } else {
                    confidence::CONTEXT
                };
                return Some((rank, scheme.entity, sure.max(scheme.sure_alone(candidate))));
            }
            return (distance <= CLOSE).then_some((
                rank + 2,
                scheme.entity,
                confidence::CONTEXT - 5,
            ));
        }
        let general = match scheme.entity {
            Entity::NationalId => self.national.map(|distance| (distance, scheme.entity)),
            // Nine digits are a number of many countries.
            Entity::UsSsn if scheme.sure_alone(candidate) > 0 => {
                self.national.map(|distance| (distance, scheme.entity))
            }
            Entity::TaxId => self.tax.map(|distance| (distance, scheme.entity)),
            _ => None,
        };
        // Some numbers are both: what the text calls it decides.
        let general = general.or_else(|| match scheme.entity {
            Entity::NationalId => self.tax.map(|distance| (distance, Entity::TaxId)),
            Entity::TaxId => self.national.map(|distance| (distance, Entity::NationalId)),
            _ => None,
        });
        let alone = if valid {
            scheme.sure_alone(candidate)
        } else {
            0
        };
        if let Some((distance, entity)) = general
            && valid
        {
            let rank = 4 * distance + if scheme.checked || alone > 0 { 1 } else { 3 };
            return Some((rank, entity, alone.max(confidence::CONTEXT + 5)));
        }
        (alone > 0).then_some((1000 - usize::from(alone), scheme.entity, alone))
    }

    /// What stands right after a word for a number plate is one, if it is short and has letters and digits: there are
    /// more forms than any list has.
    fn plate(&self, candidate: &Candidate<'_>) -> Option<Finding> {
        let distance = self.named.distance(Meaning::Plate)?;
        let letters = candidate.letters().count_ones();
        let fits = (4..=9).contains(&candidate.compact().len())
            && (1..=5).contains(&letters)
            && !candidate.is_lower();
        (distance <= BESIDE && distance < self.other && fits).then(|| Finding {
            range: candidate.range(),
            entity: Entity::VehiclePlate,
            scheme: "plate",
            confidence: confidence::CONTEXT,
            checked: false,
        })
    }

    /// A number that only a general word speaks for.
    fn general(&self, candidate: &Candidate<'_>) -> Option<Finding> {
        let national = self
            .national
            .map(|distance| (distance, Entity::NationalId, "national"));
        let tax = self.tax.map(|distance| (distance, Entity::TaxId, "tax"));
        let (distance, entity, scheme) = national.into_iter().chain(tax).min()?;
        let fits = candidate.digits() >= 6
            && candidate.compact().len() <= LONGEST_GENERAL
            && candidate.letters().count_ones() <= 6
            && !is_date(candidate.written());
        (distance <= BESIDE && fits).then(|| Finding {
            range: candidate.range(),
            entity,
            scheme,
            confidence: confidence::CONTEXT - 5,
            checked: false,
        })
    }
}

/// Whether it is written as a date: eight digits in three groups, one of four, or six in pairs.
fn is_date(written: &str) -> bool {
    let mut groups = [0; 3];
    for (at, group) in written.split(['-', '/', '.', ' ']).enumerate() {
        let Some(place) = groups.get_mut(at) else {
            return false;
        };
        *place = if group.bytes().all(|byte| byte.is_ascii_digit()) {
            group.len()
        } else {
            9
        };
    }
    matches!(groups, [4, 1..=2, 1..=2] | [1..=2, 1..=2, 2 | 4])
}
