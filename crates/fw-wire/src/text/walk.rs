//! The walk over a body along the rules.

use core::fmt;

use super::field::{Role, TextEncoding, TextField, TextKind};
use super::rule::{ANY_JSON, Rule, Speaker};
use crate::document::{Elements, Kind, Members, Span, Value};

/// The text fields of a body. See [`text_fields`](crate::text_fields).
///
/// It holds one frame per open container, at most 128, and nothing per field.
#[derive(Clone)]
pub struct TextFields<'a> {
    frames: Vec<Frame<'a>>,
    pending: Option<(Value<'a>, &'static Rule, Context)>,
}

#[derive(Clone)]
struct Frame<'a> {
    children: Children<'a>,
    rule: &'static Rule,
    context: Context,
}

#[derive(Clone)]
enum Children<'a> {
    Members(Members<'a>),
    Elements(Elements<'a>),
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
            frames: Vec::new(),
            pending: Some((root, rule, context)),
        }
    }

    /// Looks at one value: it is a field, or a container to go into, or of no interest.
    fn visit(
        &mut self,
        value: Value<'a>,
        rule: &'static Rule,
        context: Context,
    ) -> Option<TextField> {
        match value.kind() {
            Kind::String => {
                let (kind, encoding) = rule.text?;
                let context = context.with_speaker(rule, value);
                Some(context.field(value.span(), kind, encoding))
            }
            Kind::Number => {
                let kind = rule.number?;
                Some(context.field(value.span(), kind, TextEncoding::Number))
            }
            Kind::Array => {
                if let Some(kind) = rule.bytes {
                    return Some(context.field(value.span(), kind, TextEncoding::Bytes));
                }
                if rule.elements.is_some() {
                    let children = Children::Elements(value.elements());
                    let context = context.with_speaker(rule, value);
                    self.frames.push(Frame {
                        children,
                        rule,
                        context,
                    });
                }
                None
            }
            Kind::Object => {
                if rule.has_members() && rule.applies_to(value) {
                    let children = Children::Members(value.members());
                    let context = context.with_type(rule, value).with_speaker(rule, value);
                    self.frames.push(Frame {
                        children,
                        rule,
                        context,
                    });
                }
                None
            }
            Kind::Bool | Kind::Null => None,
        }
    }
}

impl Iterator for TextFields<'_> {
    type Item = TextField;

    fn next(&mut self) -> Option<TextField> {
        loop {
            if let Some((value, rule, context)) = self.pending.take()
                && let Some(field) = self.visit(value, rule, context)
            {
                return Some(field);
            }
            let frame = self.frames.last_mut()?;
            let context = frame.context;
            match &mut frame.children {
                Children::Members(members) => {
                    let Some(member) = members.next() else {
                        self.frames.pop();
                        continue;
                    };
                    let rule = frame.rule;
                    if let Some(inner) = rule.member(&member.key()) {
                        self.pending = Some((member.value(), inner, context));
                    }
                    if let Some(kind) = rule.keys {
                        return Some(context.field(member.span().key(), kind, TextEncoding::Key));
                    }
                }
                Children::Elements(elements) => {
                    let Some(element) = elements.next() else {
                        self.frames.pop();
                        continue;
                    };
                    if let Some(inner) = frame.rule.elements {
                        self.pending = Some((element.value(), inner, context));
                    }
                }
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

    fn with_speaker(mut self, rule: &Rule, value: Value<'_>) -> Self {
        match rule.role {
            Speaker::Inherited => {}
            Speaker::Named => self.role = value.get("role").and_then(Role::read).or(self.role),
            Speaker::Is(role) => self.role = Some(role),
        }
        self
    }

    fn with_type(mut self, rule: &Rule, value: Value<'_>) -> Self {
        if rule.typed
            && let Some(kind) = value.get("type").and_then(Value::as_str)
        {
            self.reasoning |= kind.contains("reasoning") || kind == "thinking";
            // Items of Responses other than messages have no role, but a type that says it.
            if kind.ends_with("_output") {
                self.role = Some(Role::Tool);
            } else if kind.ends_with("_call") || kind == "reasoning" {
                self.role = Some(Role::Assistant);
            }
        }
        self
    }
}

impl Rule {
    fn has_members(&self) -> bool {
        !self.members.is_empty()
            || self.base.is_some()
            || self.others.is_some()
            || self.keys.is_some()
    }

    /// Any of duplicate `type` members may be the one that the server reads.
    fn applies_to(&self, object: Value<'_>) -> bool {
        self.only_types.is_empty()
            || object
                .members()
                .filter(|member| member.key_is("type"))
                .any(|member| {
                    self.only_types
                        .iter()
                        .any(|name| member.value().is_str(name))
                })
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
