//! Validation errors and where they are.

use std::fmt::Write as _;

use crate::json::Json;

use super::repr;

/// Errors whose text is kept; more are only counted.
const MAX_ERRORS: usize = 100;

/// Where the walk is; a list that lives on the stack.
#[derive(Clone, Copy, Debug)]
pub(super) enum Path<'a> {
    Root,
    Key(&'a Path<'a>, &'a str),
    Index(&'a Path<'a>, usize),
    Branch(&'a Path<'a>, &'a str),
}

/// What was wrong.
#[derive(Debug)]
pub(super) struct Error {
    pub(super) path: String,
    pub(super) location: Vec<Json>,
    pub(super) message: String,
    /// Pydantic's name of the kind of error.
    pub(super) kind: &'static str,
    value: Option<String>,
}

/// All that was wrong, in the order of the schema.
#[derive(Debug, Default)]
pub(super) struct Errors {
    pub(super) list: Vec<Error>,
    pub(super) count: usize,
}

// === impl Errors ===

impl Errors {
    pub(super) fn add(
        &mut self,
        path: &Path<'_>,
        kind: &'static str,
        message: &str,
        value: Option<&Json>,
    ) {
        self.count += 1;
        if self.list.len() >= MAX_ERRORS {
            return;
        }
        let (mut text, mut location) = (String::new(), Vec::new());
        path.write(&mut text, &mut location);
        let message = message.to_owned();
        self.list.push(Error {
            path: text,
            location,
            message,
            kind,
            value: value.map(repr::python),
        });
    }

    pub(super) fn append(&mut self, other: Self) {
        self.count += other.count;
        self.list.extend(other.list);
        self.list.truncate(MAX_ERRORS);
    }

    /// The message of the model server; none without errors.
    pub(super) fn message(&self) -> Option<String> {
        let mut out = match self.count {
            0 => return None,
            1 => String::new(),
            n => format!("{n} request validation errors: "),
        };
        for (i, error) in self.list.iter().enumerate() {
            if i > 0 {
                out.push_str("; ");
            }
            let _ = write!(out, "{}, field: '{}'", error.message, error.path);
            if let Some(value) = &error.value {
                let _ = write!(out, ", value: {value}");
            }
        }
        Some(out)
    }
}

// === impl Path ===

impl Path<'_> {
    fn write(&self, text: &mut String, location: &mut Vec<Json>) {
        match self {
            Path::Root => {}
            Path::Key(parent, name) | Path::Branch(parent, name) => {
                parent.write(text, location);
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(name);
                location.push(Json::from(*name));
            }
            Path::Index(parent, index) => {
                parent.write(text, location);
                let _ = write!(text, "[{index}]");
                location.push(Json::from(*index));
            }
        }
    }
}
