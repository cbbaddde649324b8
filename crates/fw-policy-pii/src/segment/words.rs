//! Words that belong together: dates, street addresses, names.
//!
//! Each rule looks at the region so far and the next word only, so that it says the same however the text is
//! cut. A rule may join more than what is found in the end; it must not join less.

use crate::detect::address::vocabulary::{BEFORE, UNITS, is_compound};
use crate::detect::lexicon::Beginnings;
use crate::detect::months;

mod dates;
mod names;
mod streets;

/// Whether words may go on after this region. `context` is what came before it; `names` says whether people's
/// names are looked for.
pub(super) fn opens(context: &str, region: &str, names: bool) -> bool {
    names::opens(context, region, names)
        || (may_begin(region) && (dates::opens(region) || streets::opens(region)))
}

/// How words begin that a date or an address may begin with.
static BEGINNINGS: Beginnings = Beginnings::NONE
    .and(&months::BEGINNINGS)
    .and(UNITS.beginnings())
    .and(BEFORE.beginnings());

/// Most capitalised words begin neither, and show it by two letters.
fn may_begin(region: &str) -> bool {
    match region.as_bytes() {
        [b'A'..=b'Z', b'a'..=b'z', ..] => BEGINNINGS.may_begin(region) || is_compound(region),
        _ => true,
    }
}

/// Whether `next` belongs to `region`, which [`opens`]. `gap` is one to three characters between them.
pub(super) fn links(context: &str, region: &str, gap: &str, next: &str, names: bool) -> bool {
    names::links(context, region, gap, next, names)
        || dates::links(region, gap, next)
        || streets::links(region, gap, next)
}

/// Whether the region is one word of ASCII letters and the like.
fn is_one(region: &str) -> bool {
    region
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b',')
}

/// The words of a region.
fn words(region: &str) -> impl DoubleEndedIterator<Item = &str> + Clone {
    region
        .split(|c: char| c.is_whitespace() || c == ',')
        .filter(|word| !word.is_empty())
}
