//! Keys, tokens and passwords.
//!
//! Three ways lead to a secret: its own form, as vendors publish it (`formats`, and JSON Web Tokens); where it
//! stands (URLs, headers, command lines); and the name that it is assigned to.

mod address;
mod alphabet;
mod assigned;
mod formats;
mod header;
mod jwt;
mod names;
mod placeholder;
mod random;
mod value;
mod vendors;

use std::ops::Range;

pub(crate) use names::is_secret_name;

use crate::entity::Entity;
use crate::finding::{Finding, Findings, confidence};
use crate::region::{Region, Traits};

/// Looks for secrets in one region.
pub(crate) fn find(region: &Region<'_>, findings: &mut Findings) {
    let length = region.body().len();
    if length < SHORTEST || !findings.wants(Entity::Secret) {
        return;
    }
    let (text, start, traits) = (region.text(), region.start(), region.traits());
    if length >= SHORTEST_TOKEN && may_be_token(traits) {
        formats::tokens(text, start, |format, token| {
            let sure = if token.checksum {
                100
            } else {
                confidence::CERTAIN
            };
            push(findings, token.range, format.name, sure, true);
        });
        if traits.any(Traits::DOT) && length >= SHORTEST_JWT {
            jwt::tokens(text, start, |range| {
                push(findings, range, "jwt", confidence::CERTAIN, true)
            });
        }
    }
    if traits.all(Traits::COLON | Traits::SLASH | Traits::AT) {
        address::credentials(text, start, |range| {
            push(
                findings,
                range,
                "url-credentials",
                confidence::CERTAIN,
                true,
            );
        });
    }
    if traits.any(Traits::EQUALS | Traits::COLON) {
        assigned::within(region, |found| {
            push(findings, found.range, found.scheme, found.confidence, false);
        });
    }
    if assigned::may_be_value(region) {
        if let Some(range) = header::credentials(text, start) {
            push(findings, range, "authorization", confidence::LIKELY, false);
        } else if let Some(range) = header::user_option(text, start) {
            push(findings, range, "user-option", confidence::LIKELY, false);
        } else if let Some(range) = vendors::app_secret(text, start) {
            push(
                findings,
                range,
                "facebook-app-token",
                confidence::LIKELY,
                false,
            );
        } else if let Some(found) = assigned::whole(region) {
            push(findings, found.range, found.scheme, found.confidence, false);
        }
    }
}

/// Tokens have a digit, all but a few: those are of upper case, or of both cases after an underscore.
const fn may_be_token(traits: Traits) -> bool {
    traits.any(Traits::DIGIT)
        || traits.all(Traits::UPPER | Traits::LOWER | Traits::UNDERSCORE)
        || traits.any(Traits::UPPER) && !traits.any(Traits::LOWER | Traits::UNDERSCORE)
}

/// No password is shorter.
const SHORTEST: usize = 4;
/// No token that is known by its form is shorter.
const SHORTEST_TOKEN: usize = 16;
const SHORTEST_JWT: usize = 32;

fn push(
    findings: &mut Findings,
    range: Range<usize>,
    scheme: &'static str,
    confidence: u8,
    checked: bool,
) {
    findings.push(Finding {
        range,
        entity: Entity::Secret,
        scheme,
        confidence,
        checked,
    });
}

#[cfg(test)]
mod tests;
