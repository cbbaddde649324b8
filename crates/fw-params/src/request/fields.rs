//! Carries out the field tables and records every edit.

use std::{borrow::Cow, mem};

use fw_wire::{ApiError, Document, ElementSpan, Kind, Member, MemberSpan, Span, Value};
use http::HeaderValue;

use crate::{
    changes::{ChangeKind, ParamsChanges},
    config::{Config, UnknownFields},
    error,
    fallbacks::FALLBACKS,
    reply::plan::ReplyPlan,
};

use super::{
    ConvertedRequest,
    rule::{Rule, Slot},
};

/// The edits of one body, each with its entry in the list of changes.
pub(crate) struct Edits<'c> {
    source: &'c Document,
    // Most bodies go as they came.
    edited: Option<Box<Document>>,
    changes: ParamsChanges,
    pub(crate) config: &'c Config,
}

// === impl Edits ===

impl<'c> Edits<'c> {
    pub(crate) fn new(source: &'c Document, config: &'c Config) -> Self {
        Self {
            source,
            edited: None,
            changes: ParamsChanges::default(),
            config,
        }
    }

    pub(crate) fn finish(self) -> (bytes::Bytes, ParamsChanges) {
        let body = match self.edited {
            Some(edited) => edited.finish(),
            None => self.source.bytes().clone(),
        };
        (body, self.changes)
    }

    /// What edits are recorded in, while reading goes on in the source.
    fn document(&mut self) -> &mut Document {
        let source = self.source;
        self.edited.get_or_insert_with(|| Box::new(source.clone()))
    }

    /// Converts a piece of the body by itself, for use in a value that is made of several.
    pub(crate) fn piece(
        &mut self,
        piece: Value<'_>,
        convert: impl FnOnce(&mut Edits<'_>, Value<'_>) -> Result<(), ApiError>,
    ) -> Result<String, ApiError> {
        let raw = piece.raw();
        // A part of a valid text is one.
        let Ok(source) = Document::parse(raw.to_owned()) else {
            return Ok(raw.to_owned());
        };
        let mut inner = Edits::new(&source, self.config);
        convert(&mut inner, source.root())?;
        let (json, changes) = inner.finish();
        self.changes.append(&changes);
        Ok(String::from_utf8_lossy(&json).into_owned())
    }

    pub(crate) fn remove(&mut self, at: MemberSpan, path: impl Into<Cow<'static, str>>) {
        self.document().remove(at);
        self.changes.record(ChangeKind::Removed, path);
    }

    pub(crate) fn remove_element(
        &mut self,
        at: ElementSpan,
        kind: ChangeKind,
        path: impl Into<Cow<'static, str>>,
    ) {
        self.document().remove_element(at);
        self.changes.record(kind, path);
    }

    pub(crate) fn rename(
        &mut self,
        at: MemberSpan,
        to: &'static str,
        path: impl Into<Cow<'static, str>>,
    ) {
        self.document().rename(at, to);
        self.changes.record(ChangeKind::Renamed(to), path);
    }

    pub(crate) fn set(
        &mut self,
        at: Span,
        json: impl Into<String>,
        path: impl Into<Cow<'static, str>>,
    ) {
        if self.put(at, json) {
            self.changes.record(ChangeKind::Set, path);
        }
    }

    pub(crate) fn set_text(&mut self, at: Span, text: &str, path: impl Into<Cow<'static, str>>) {
        self.document().replace_text(at, text);
        self.changes.record(ChangeKind::Set, path);
    }

    /// Replaces a value whose change is part of another one.
    pub(crate) fn put(&mut self, at: Span, json: impl Into<String>) -> bool {
        // The JSON is ours or a piece of the body, and so are the spans: this cannot fail.
        self.document().replace(at, json).is_ok()
    }

    pub(crate) fn add(
        &mut self,
        object: Span,
        key: &str,
        json: impl Into<String>,
        path: impl Into<Cow<'static, str>>,
    ) {
        if self.document().insert(object, key, json).is_ok() {
            self.changes.record(ChangeKind::Added, path);
        }
    }

    /// Applies the setting for fields that the provider's table does not list.
    pub(crate) fn unknown(
        &mut self,
        member: Member<'_>,
        prefix: &'static str,
    ) -> Result<(), ApiError> {
        match self.config.unknown_fields {
            UnknownFields::Forward => {}
            UnknownFields::Remove => {
                self.document().remove(member.span());
                self.changes
                    .record_name(ChangeKind::Removed, prefix, &member.key());
            }
            UnknownFields::Reject => {
                let provider = &self.config.provider;
                return Err(error::unknown_field(provider, prefix, &member.key()));
            }
        }
        Ok(())
    }
}

/// A field that a rule over several fields reads.
#[derive(Clone, Copy)]
pub(crate) struct Field<'a> {
    pub(crate) value: Value<'a>,
    pub(crate) span: MemberSpan,
}

/// A request while it is converted.
pub(crate) struct Request<'a, 'c> {
    pub(crate) root: Value<'a>,
    pub(crate) edits: Edits<'c>,
    pub(crate) plan: ReplyPlan,
    pub(crate) affinity: Option<HeaderValue>,
    /// Whether it is not to be sent if it has `fallbacks`.
    pub(crate) returns_fallbacks: bool,
    /// Where the fields are that count.
    slots: [Option<MemberSpan>; Slot::COUNT],
}

// === impl Request ===

impl<'a, 'c> Request<'a, 'c> {
    pub(crate) fn new(root: Value<'a>, edits: Edits<'c>, plan: ReplyPlan) -> Self {
        Self {
            root,
            edits,
            plan,
            affinity: None,
            returns_fallbacks: false,
            slots: [None; Slot::COUNT],
        }
    }

    pub(crate) fn config(&self) -> &'c Config {
        self.edits.config
    }

    pub(crate) fn slot(&self, slot: Slot) -> Option<Field<'a>> {
        let span = self.slots[slot as usize]?;
        let value = self.root.value_at(span.value())?;
        Some(Field { value, span })
    }

    /// Goes over the top-level fields once and applies each one's rule.
    ///
    /// A field that a rule over several fields reads counts once: an earlier duplicate of it is
    /// removed (the provider must not read another one than we did), and `null` counts as absent.
    pub(crate) fn walk(&mut self, rule: impl Fn(&[u8]) -> Rule) -> Result<(), ApiError> {
        for member in self.root.members() {
            let rule = match rule(&member.key_bytes()) {
                Rule::Pass | Rule::Unknown if member.key_is(FALLBACKS) => {
                    if self.returns_fallbacks {
                        return Err(error::unread_fallbacks());
                    }
                    Rule::Drop
                }
                rule => rule,
            };
            self.apply(rule, member)?;
        }
        Ok(())
    }

    fn apply(&mut self, rule: Rule, member: Member<'a>) -> Result<(), ApiError> {
        let (value, span) = (member.value(), member.span());
        let edits = &mut self.edits;
        match rule {
            Rule::Pass => {}
            Rule::Read(slot) => {
                let counts = (!value.is_null()).then_some(span);
                if let Some(earlier) = mem::replace(&mut self.slots[slot as usize], counts) {
                    edits.remove(earlier, slot.name());
                }
                if value.is_null() {
                    edits.remove(span, slot.name());
                }
            }
            Rule::Refuse(instead)
                if !value.is_null()
                    && value.as_bool() != Some(false)
                    && edits.config.unknown_fields != UnknownFields::Forward =>
            {
                return Err(error::cannot_be_had(
                    &edits.config.provider,
                    &member.key(),
                    instead,
                ));
            }
            Rule::Unknown | Rule::Refuse(_) => edits.unknown(member, "")?,
            Rule::Drop => edits.remove(span, member.key().into_owned()),
            _ if value.is_null() => edits.remove(span, member.key().into_owned()),
            Rule::Keep => {}
            Rule::AtMost(most) => {
                if value.as_f64().is_some_and(|number| number > most) {
                    edits.set(value.span(), most.to_string(), member.key().into_owned());
                }
            }
            Rule::Within(least, most) => {
                if let Some(number) = value.as_i64()
                    && !(least..=most).contains(&number)
                {
                    let nearest = number.clamp(least, most);
                    edits.set(value.span(), nearest.to_string(), member.key().into_owned());
                }
            }
            Rule::OneOf(names) => {
                if value.is_string() && !names.iter().any(|name| value.is_str(name)) {
                    edits.remove(span, member.key().into_owned());
                }
            }
            Rule::Strings => {
                let strings = value.members().all(|member| member.value().is_string());
                if value.kind() == Kind::Object && !strings {
                    edits.remove(span, member.key().into_owned());
                }
            }
        }
        Ok(())
    }

    /// Adds a field that was not there.
    pub(crate) fn add(&mut self, key: &'static str, json: impl Into<String>) {
        self.edits.add(self.root.span(), key, json, key);
    }

    pub(crate) fn finish(self) -> ConvertedRequest {
        let (body, changes) = self.edits.finish();
        ConvertedRequest {
            body,
            changes,
            affinity: self.affinity,
            plan: self.plan,
        }
    }
}
