//! From the fields of a body to its texts.

use std::ops::Range;

use bytes::Bytes;
use fw_wire::{
    Direction, Document, Endpoint, Role, TextEncoding, TextField, TextKind, Value, text_fields,
};

use super::{
    json, shape,
    tokens::{self, Spelling, SpellingKind},
};
use crate::text::{Form, Text, View};

/// The texts of a body.
pub(crate) fn gather(endpoint: Endpoint, direction: Direction, document: &Document) -> Vec<Text> {
    let root = document.root();
    let is_known = match direction {
        Direction::Request => root.is_object(),
        Direction::Reply => shape::is_reply(endpoint, root),
    };
    if !is_known {
        return vec![whole(document)];
    }
    let mut gather = Gather::new(document);
    for field in text_fields(endpoint, direction, document) {
        gather.field(endpoint, field);
    }
    gather.end_tokens();
    if direction == Direction::Reply {
        gather.errors(root);
        for response in root.get("data").into_iter().flat_map(Value::elements) {
            gather.errors(response.value());
        }
    }
    gather.texts
}

/// The texts of one event of a stream that are no piece of a longer one and belong to no channel: log
/// probabilities, alternatives among them, and what is said about errors. All of an event that is none of
/// the endpoint's is one text.
pub(crate) fn leftovers(endpoint: Endpoint, name: Option<&str>, event: &Document) -> Vec<Text> {
    let root = event.root();
    if !shape::is_event(endpoint, name, root) {
        return vec![whole(event)];
    }
    let mut gather = Gather::new(event);
    for field in text_fields(endpoint, Direction::Reply, event) {
        if field.kind() == TextKind::Token {
            gather.field(endpoint, field);
        }
    }
    gather.end_tokens();
    gather.errors(root);
    for response in root.members().filter(|member| member.key_is("response")) {
        gather.errors(response.value());
    }
    gather.texts
}

/// All of a body as one text.
pub(crate) fn whole(document: &Document) -> Text {
    let at = document.root().span().range();
    json_text(document.bytes(), TextKind::Content, None, at)
}

struct Gather<'a> {
    document: &'a Document,
    texts: Vec<Text>,
    /// The log probabilities of the body; looked for when the first token comes.
    logprobs: Option<Vec<Spelling>>,
    /// The tokens so far of the log probabilities that are being read, each on a line of its own, and
    /// where those are. Alternatives are tokens too.
    single: Option<(Range<usize>, TextField, String)>,
    /// Fields before this place are part of a text that was made already.
    covered: usize,
}

// === impl Gather ===

impl<'a> Gather<'a> {
    const fn new(document: &'a Document) -> Self {
        Self {
            document,
            texts: Vec::new(),
            logprobs: None,
            single: None,
            covered: 0,
        }
    }

    fn field(&mut self, endpoint: Endpoint, field: TextField) {
        let at = field.span().range();
        // An empty string says nothing, and a body may have millions of them.
        let is_string = matches!(
            field.encoding(),
            TextEncoding::Plain | TextEncoding::JsonInString
        );
        if at.start < self.covered || (is_string && at.len() == r#""""#.len()) {
            return;
        }
        if field.kind() == TextKind::Token && self.token(endpoint, field) {
            return;
        }
        self.end_tokens();
        match field.encoding() {
            // The first key of free-form JSON: the whole object is one text, as it is in a stream, so
            // that a policy sees which key a value has.
            TextEncoding::Key if field.kind() == TextKind::ToolArguments => {
                let object = self.object_around(at.start);
                self.covered = object.end;
                let text = json_text(self.document.bytes(), field.kind(), field.role(), object);
                self.texts.push(text);
            }
            TextEncoding::JsonInString => {
                let (contents, _) = self.string(at.clone());
                let view = contents.decoded();
                let form = Form::JsonInString {
                    json: Box::new(contents),
                };
                self.push(field, at, view, form);
            }
            TextEncoding::Number => {
                let view = View::Shared(self.document.bytes().slice(at.clone()));
                self.push(field, at, view, Form::Number);
            }
            TextEncoding::Bytes => {
                let view = View::Owned(field.text(self.document.root()).into_owned());
                self.push(field, at, view, Form::Bytes);
            }
            // Plain strings and keys.
            _ => {
                let (view, spelling) = self.string(at.clone());
                self.push(field, at, view, Form::String { spelling });
            }
        }
    }

    /// Takes a token to the log probabilities that it belongs to. False if it belongs to none.
    fn token(&mut self, endpoint: Endpoint, field: TextField) -> bool {
        let root = self.document.root();
        let at = field.span().range();
        let goes_on = |(around, ..): &(Range<usize>, _, _)| at.end <= around.end;
        if !self.single.as_ref().is_some_and(goes_on) {
            let logprobs = self.logprobs.get_or_insert_with(|| {
                let mut found = tokens::spellings(endpoint, root);
                found.retain(|spelling| spelling.kind == SpellingKind::Logprobs);
                found
            });
            let holds =
                |spelling: &&Spelling| spelling.at.start <= at.start && at.end <= spelling.at.end;
            let Some(around) = logprobs.iter().find(holds).map(|found| found.at.clone()) else {
                return false;
            };
            self.end_tokens();
            let json = self
                .document
                .bytes()
                .get(around.clone())
                .unwrap_or_default();
            for text in Value::parse(json).map(tokens::chosen).unwrap_or_default() {
                self.push(field, around.clone(), View::Owned(text), Form::Tokens);
            }
            self.single = Some((around, field, String::new()));
        }
        if let Some((.., single)) = &mut self.single {
            single.push_str(&field.text(root));
            single.push('\n');
        }
        true
    }

    /// The tokens that came last are all that there are.
    fn end_tokens(&mut self) {
        if let Some((around, field, tokens)) = self.single.take() {
            self.push(field, around, View::Owned(tokens), Form::Tokens);
        }
    }

    /// What a reply says about an error: it may quote the request. Each is one text, so that a policy
    /// sees which key a value has.
    fn errors(&mut self, object: Value<'_>) {
        for member in object.members() {
            let value = member.value();
            if value.is_null() || !(member.key_is("error") || member.key_is("errors")) {
                continue;
            }
            let at = value.span().range();
            let is_within = |text: &Text| at.start <= text.at().start && text.at().end <= at.end;
            self.texts.retain(|text| !is_within(text));
            let json = self.document.bytes();
            self.texts
                .push(json_text(json, TextKind::Content, None, at));
        }
    }

    fn push(&mut self, field: TextField, at: Range<usize>, view: View, form: Form) {
        self.texts
            .push(Text::new(field.kind(), field.role(), at, view, form));
    }

    /// The contents of a string; and how it is spelt, quotes included, if it has escapes.
    fn string(&self, at: Range<usize>) -> (View, Option<Box<View>>) {
        let bytes = self.document.bytes();
        let json = bytes.get(at.clone()).unwrap_or_default();
        if memchr::memchr(b'\\', json).is_none() {
            let contents = at.start + 1..at.end.saturating_sub(1);
            return (View::Shared(bytes.slice(contents)), None);
        }
        let text = Value::parse(json)
            .ok()
            .and_then(Value::as_str)
            .unwrap_or_default();
        (
            View::Owned(text.into_owned()),
            Some(Box::new(View::Shared(bytes.slice(at)))),
        )
    }

    /// The object whose first key starts at `key`.
    fn object_around(&self, key: usize) -> Range<usize> {
        let json = self.document.bytes();
        let before = json.get(..key).unwrap_or_default();
        let start = memchr::memrchr(b'{', before).unwrap_or(key);
        start..json::object_end(json, start)
    }
}

/// A JSON value as one text.
fn json_text(bytes: &Bytes, kind: TextKind, role: Option<Role>, at: Range<usize>) -> Text {
    let json = View::Shared(bytes.slice(at.clone()));
    Text::new(
        kind,
        role,
        at,
        json.decoded(),
        Form::Json {
            json: Box::new(json),
        },
    )
}
