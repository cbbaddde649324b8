//! The vocabulary of LLM traffic: endpoints, byte-exact JSON documents, text fields, usage and error shapes. Sans-IO.

mod document;
mod endpoint;
mod error;
mod operation;
mod text;
mod usage;

pub use crate::document::{
    Document, DocumentError, Element, ElementSpan, Elements, Kind, Limits, Member, MemberSpan,
    Members, Path, Span, Value, encode_str,
};
pub use crate::endpoint::Endpoint;
pub use crate::error::{ApiError, ErrorShape, RetryAfter};
pub use crate::operation::{Operation, RouteError, Surface};
pub use crate::text::{
    Direction, JsonStrings, Role, TextEncoding, TextField, TextFields, TextKind, json_strings,
    text_fields,
};
pub use crate::usage::{Usage, UsageMeter};
