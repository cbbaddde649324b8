//! What is refused, in words that name the field.

use std::fmt;

use fw_wire::ApiError;

use super::MAX_ITEMS;

/// Where in the conversation something is.
#[derive(Clone, Copy)]
pub(super) enum Place {
    /// An item of the request's input.
    Input(usize),
    /// A content part of such an item.
    Part(usize, usize),
    /// An item of an earlier response.
    Earlier,
}

impl Place {
    pub(super) fn part(self, part: usize) -> Self {
        match self {
            Place::Input(item) | Place::Part(item, _) => Place::Part(item, part),
            Place::Earlier => Place::Earlier,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Input(item) => write!(f, "input[{item}]"),
            Place::Part(item, part) => write!(f, "input[{item}].content[{part}]"),
            Place::Earlier => f.write_str("previous_response_id"),
        }
    }
}

/// 400: the field has another type than it should.
pub(super) fn wrong_type(field: impl fmt::Display, expected: &str) -> ApiError {
    ApiError::invalid_request(format!("'{field}' has to be {expected}."))
        .code("invalid_type")
        .param(field.to_string())
}

/// 400: the conversation has more than [`MAX_ITEMS`].
pub(super) fn too_many_items() -> ApiError {
    wrong_type(
        "input",
        &format!("at most {MAX_ITEMS} items, earlier turns included"),
    )
}

/// 400: a field that is needed is not there.
pub(super) fn missing(field: impl fmt::Display) -> ApiError {
    ApiError::invalid_request(format!("'{field}' is missing."))
        .code("missing_required_parameter")
        .param(field.to_string())
}

/// 400: this cannot be said to a service of chat completions. `what` begins the sentence, `instead` ends it.
pub(super) fn unsupported(field: impl fmt::Display, what: &str, instead: &str) -> ApiError {
    ApiError::invalid_request(format!(
        "{what} cannot be had here: the model is served by a service of chat completions. {instead}"
    ))
    .code("unsupported_value")
    .param(field.to_string())
}

/// A client's word, short enough for a message.
pub(super) fn shown(word: &str) -> String {
    word.chars()
        .take(64)
        .map(|c| if c.is_control() { '?' } else { c })
        .collect()
}
