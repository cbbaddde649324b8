//! The walk over a body along the rules.

use core::fmt;

use super::field::{Direction, Role, TextEncoding, TextField, TextKind};
use super::rule::{ANY_JSON, Rule, Speaker};
use crate::document::{Cursor, Kind, Span, Value};

/// The text fields of a body. See [`text_fields`](crate::text_fields).
///
/// It goes over the body once, holds one frame per open container, at most 128, and nothing per
/// field.
#[derive(Clone)]
pub struct TextFields<'a> {
    cursor: Cursor<'a>,
    direction: Direction,
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
    pub(super) fn new(
        root: Value<'a>,
        direction: Direction,
        rule: &'static Rule,
        role: Option<Role>,
    ) -> Self {
        let context = Context {
            role,
            reasoning: false,
        };
        Self {
            cursor: Cursor::new(root),
            direction,
            frames: Vec::new(),
            pending: Some((Some(rule), context)),
        }
    }

    /// Looks at the value at the cursor: it is a field, or a container to go into, or it is stepped
    /// over.
    fn visit(&mut self, rule: Option<&'static Rule>, context: Context) -> Option<TextField> {
        let kind = self.cursor.kind();
        let rule = match rule {
            Some(rule) if kind == Kind::Object => Some(rule.of_object(self.cursor)),
            rule => rule,
        };
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
            Kind::String if rule.link && !self.is_text(span) => return None,
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

    /// Whether a URL is text. In a request it says where something is that the provider fetches; in a
    /// reply it is what somebody wrote, as a link in the text would be. One that holds its data
    /// (RFC 2397) is base64.
    fn is_text(&self, span: Span) -> bool {
        let holds_base64 = |url: &str| {
            let is_data = url
                .get(..5)
                .is_some_and(|it| it.eq_ignore_ascii_case("data:"));
            is_data
                && url
                    .split_once(',')
                    .is_some_and(|(kind, _)| kind.ends_with(";base64"))
        };
        let url = self.cursor.raw(span).trim_start_matches('"');
        self.direction == Direction::Reply && !holds_base64(url)
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
                // Most members of most bodies are words, and the others need no rule.
                let of_value = match self.cursor.kind() {
                    Kind::Bool | Kind::Null => None,
                    _ => rule.member(&key),
                };
                self.pending = Some((of_value, context));
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
        // An array has no members, and reading to its end for nothing costs as much as the walk.
        if (is_named || rule.typed) && cursor.kind() == Kind::Object {
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
    /// The rule of the object at the cursor. Any of duplicate `type` members may be the one that is
    /// read, so all have to say it.
    fn of_object(&'static self, cursor: Cursor<'_>) -> &'static Rule {
        let Some((names, rule)) = self.of_type else {
            return self;
        };
        let mut types = 0;
        for member in cursor.value().members() {
            if member.key_is("type") {
                types += 1;
                if !names.iter().any(|name| member.value().is_str(name)) {
                    return self;
                }
            }
        }
        if types > 0 { rule } else { self }
    }

    /// Whether there may be text inside the container at the cursor.
    fn goes_into(&self, kind: Kind, cursor: Cursor<'_>) -> bool {
        match kind {
            Kind::Array => {
                self.elements.is_some() && !(self.bytes.is_some() && holds_no_string(cursor))
            }
            Kind::Object => self.has_members(),
            _ => false,
        }
    }

    fn has_members(&self) -> bool {
        !self.members.is_empty()
            || self.base.is_some()
            || self.others.is_some()
            || self.keys.is_some()
    }
}

fn holds_no_string(cursor: Cursor<'_>) -> bool {
    !cursor.value().raw().contains('"')
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
    TextFields::new(value, Direction::Request, &ANY_JSON, None)
}
