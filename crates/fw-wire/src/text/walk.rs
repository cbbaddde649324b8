//! The walk over a body along the rules.

use core::fmt;

use super::field::{Role, TextEncoding, TextField, TextKind};
use super::rule::{ANY_JSON, Rule, Speaker};
use crate::document::{Cursor, Kind, Span, Value};

/// The text fields of a body. See [`text_fields`](crate::text_fields).
///
/// It goes over the body once, holds one frame per open container, at most 128, and nothing per
/// field.
#[derive(Clone)]
pub struct TextFields<'a> {
    cursor: Cursor<'a>,
    frames: Vec<Frame>,
    /// The cursor is at a value that was not looked at yet; without a rule it is of no interest.
    pending: Option<(Option<&'static Rule>, Context)>,
}

/// A container that the cursor is in.
#[derive(Clone)]
struct Frame {
    is_object: bool,
    rule: &'static Rule,
    context: Context,
}

/// What is known from the containers around a value.
#[derive(Clone, Copy)]
struct Context {
    role: Option<Role>,
    reasoning: bool,
}

impl<'a> TextFields<'a> {
    pub(super) fn new(root: Value<'a>, rule: &'static Rule, role: Option<Role>) -> Self {
        let context = Context {
            role,
            reasoning: false,
        };
        Self {
            cursor: Cursor::new(root),
            frames: Vec::new(),
            pending: Some((Some(rule), context)),
        }
    }

    /// Looks at the value at the cursor: it is a field, or a container to go into, or it is stepped
    /// over.
    fn visit(&mut self, rule: Option<&'static Rule>, context: Context) -> Option<TextField> {
        let kind = self.cursor.kind();
        if let Some(rule) = rule
            && rule.goes_into(kind, self.cursor)
        {
            let context = context.inside(rule, self.cursor);
            self.cursor.enter();
            self.frames.push(Frame {
                is_object: kind == Kind::Object,
                rule,
                context,
            });
            return None;
        }
        let Some(span) = self.cursor.take() else {
            // Not JSON, so not a text that was validated: nothing more can be found.
            self.frames.clear();
            return None;
        };
        let rule = rule?;
        let (kind, encoding) = match kind {
            Kind::String => rule.text?,
            Kind::Number => (rule.number?, TextEncoding::Number),
            Kind::Array => (rule.bytes?, TextEncoding::Bytes),
            Kind::Object | Kind::Bool | Kind::Null => return None,
        };
        let context = match rule.role {
            Speaker::Is(role) => Context {
                role: Some(role),
                ..context
            },
            Speaker::Inherited | Speaker::Named => context,
        };
        Some(context.field(span, kind, encoding))
    }
}

impl Iterator for TextFields<'_> {
    type Item = TextField;

    fn next(&mut self) -> Option<TextField> {
        loop {
            if let Some((rule, context)) = self.pending.take()
                && let Some(field) = self.visit(rule, context)
            {
                return Some(field);
            }
            let frame = self.frames.last()?;
            let (rule, context) = (frame.rule, frame.context);
            if !self.cursor.next_child() {
                self.frames.pop();
            } else if frame.is_object {
                let Some((span, key)) = self.cursor.take_key() else {
                    self.frames.clear();
                    return None;
                };
                self.pending = Some((rule.member(&key), context));
                if let Some(kind) = rule.keys {
                    return Some(context.field(span, kind, TextEncoding::Key));
                }
            } else {
                self.pending = Some((rule.elements, context));
            }
        }
    }
}

impl fmt::Debug for TextFields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextFields")
            .field("depth", &self.frames.len())
            .finish_non_exhaustive()
    }
}

impl Context {
    fn field(self, span: Span, kind: TextKind, encoding: TextEncoding) -> TextField {
        let kind = match (kind, self.role) {
            (TextKind::Content, _) if self.reasoning => TextKind::Reasoning,
            (TextKind::Content, Some(Role::Tool)) => TextKind::ToolResult,
            _ => kind,
        };
        TextField {
            span,
            kind,
            encoding,
            role: self.role,
        }
    }

    /// What is known inside the container at the cursor.
    fn inside(mut self, rule: &Rule, cursor: Cursor<'_>) -> Self {
        let is_named = matches!(rule.role, Speaker::Named);
        if is_named || rule.typed {
            let [role, kind] = cursor.value().get_many(["role", "type"]);
            if let Some(kind) = kind.filter(|_| rule.typed).and_then(Value::as_str) {
                self.reasoning |= kind.contains("reasoning") || kind == "thinking";
                // Items of Responses other than messages have no role, but a type that says it.
                if kind.ends_with("_output") {
                    self.role = Some(Role::Tool);
                } else if kind.ends_with("_call") || kind == "reasoning" {
                    self.role = Some(Role::Assistant);
                }
            }
            self.role = role.filter(|_| is_named).and_then(Role::read).or(self.role);
        }
        if let Speaker::Is(role) = rule.role {
            self.role = Some(role);
        }
        self
    }
}

impl Rule {
    /// Whether there may be text inside the container at the cursor.
    fn goes_into(&self, kind: Kind, cursor: Cursor<'_>) -> bool {
        match kind {
            Kind::Array => self.elements.is_some() && self.bytes.is_none(),
            Kind::Object => self.has_members() && self.applies_to(cursor),
            _ => false,
        }
    }

    fn has_members(&self) -> bool {
        !self.members.is_empty()
            || self.base.is_some()
            || self.others.is_some()
            || self.keys.is_some()
    }

    /// Any of duplicate `type` members may be the one that the server reads.
    fn applies_to(&self, cursor: Cursor<'_>) -> bool {
        let is_one = |value: Value<'_>| self.only_types.iter().any(|name| value.is_str(name));
        self.only_types.is_empty()
            || cursor
                .value()
                .members()
                .any(|member| member.key_is("type") && is_one(member.value()))
    }
}

/// The text in any JSON value: its keys, strings and numbers. See [`json_strings`].
pub type JsonStrings<'a> = TextFields<'a>;

/// Finds the text in any JSON value: keys, strings and numbers, each as a field of the kind
/// [`TextKind::ToolArguments`].
///
/// This is for the inner JSON of [`TextEncoding::JsonInString`]: decode the field, parse it as a
/// [`Document`](crate::Document) of its own, edit its strings, and put the result back with
/// [`Document::set_text`](crate::Document::set_text). Both levels stay valid.
///
/// ```
/// use fw_wire::{Document, json_strings};
///
/// let arguments = Document::parse(r#"{"to":"a@b.example","lines":["hi",42]}"#)?;
/// let mut edited = arguments.clone();
/// for field in json_strings(arguments.root()) {
///     if field.text(arguments.root()).contains('@') {
///         edited.set_text(field, "[EMAIL]");
///     }
/// }
/// assert_eq!(edited.finish(), r#"{"to":"[EMAIL]","lines":["hi",42]}"#);
/// # Ok::<(), fw_wire::DocumentError>(())
/// ```
#[must_use]
pub fn json_strings(value: Value<'_>) -> JsonStrings<'_> {
    TextFields::new(value, &ANY_JSON, None)
}
