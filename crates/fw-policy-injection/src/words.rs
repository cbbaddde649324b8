//! What clients are told: what kind of thing was found, and never what.

use std::borrow::Cow;

use fw_policy::Denial;

use crate::channel::Channel;
use crate::scan::{ReasonKind, Scan};

/// Why a request must not pass.
pub(crate) fn denial_of_request(scan: &Scan) -> Denial {
    let place = match scan.channel() {
        Channel::User => "The request",
        Channel::System => "A system message or a description of a tool",
        Channel::Tool => "A tool's result in the request",
        Channel::Document => "A document in the request",
    };
    let is_planted = matches!(scan.channel(), Channel::Tool | Channel::Document);
    let message: Cow<'static, str> = match scan.main_reason() {
        ReasonKind::Conversation => {
            "The last messages of the conversation, taken together, look like an attempt to replace the assistant's \
             instructions."
                .into()
        }
        ReasonKind::Boundary => {
            format!("{place} holds markers that pretend to begin the turn of another speaker.").into()
        }
        ReasonKind::Pattern => format!("{place} matches a pattern that is not allowed here.").into(),
        ReasonKind::Incomplete => {
            format!("{place} holds more encoded text than can be looked at.").into()
        }
        _ if is_planted => format!("{place} looks like it holds instructions to the assistant.").into(),
        _ => format!("{place} looks like an attempt to replace the assistant's instructions.").into(),
    };
    Denial::new(message)
}

/// Why a reply must not pass.
pub(crate) fn denial_of_reply(kind: ReasonKind) -> Denial {
    Denial::new(match kind {
        ReasonKind::Link => "The reply holds an image or a link that would carry data away.",
        _ => "The reply repeats instructions that were given to the assistant in confidence.",
    })
}
