//! What a document promises, for any JSON text and any edits.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod json;

use std::collections::HashMap;

use bytes::Bytes;
use fw_wire::{Document, ElementSpan, Kind, MemberSpan, Span, Value, encode_str};
use proptest::prelude::*;
use proptest::sample::Index;

// === reading ===

/// The value as serde_json would have it.
fn to_serde(value: Value<'_>) -> serde_json::Value {
    match value.kind() {
        Kind::Null => serde_json::Value::Null,
        Kind::Bool => value.as_bool().unwrap().into(),
        Kind::Number => value.raw().parse::<serde_json::Number>().unwrap().into(),
        Kind::String => value.as_str().unwrap().into_owned().into(),
        Kind::Array => value
            .elements()
            .map(|element| to_serde(element.value()))
            .collect(),
        Kind::Object => serde_json::Value::Object(
            value
                .members()
                .map(|member| (member.key().into_owned(), to_serde(member.value())))
                .collect(),
        ),
    }
}

/// What serde_json says of a text, where its answer is about the grammar. It also refuses numbers
/// beyond `f64` and nesting beyond 127, which is not.
fn serde_accepts(bytes: &[u8]) -> Option<bool> {
    match serde_json::from_slice::<serde_json::Value>(bytes) {
        Ok(_) => Some(true),
        Err(error) => {
            let text = error.to_string();
            let own_limit = text.contains("number out of range") || text.contains("recursion");
            (!own_limit).then_some(false)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn without_an_edit_the_very_same_bytes_come_out(text in json::text()) {
        let bytes = Bytes::from(text);
        let document = Document::parse(bytes.clone()).unwrap();
        prop_assert!(!document.is_edited());
        let out = document.finish();
        prop_assert_eq!(out.as_ptr(), bytes.as_ptr());
        prop_assert_eq!(out.len(), bytes.len());
    }

    #[test]
    fn the_view_says_what_serde_json_says(text in json::text()) {
        let value = Value::parse(text.as_bytes()).unwrap();
        let expected: serde_json::Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(to_serde(value), expected.clone());
        prop_assert_eq!(value.raw(), text.trim_matches([' ', '\t', '\r', '\n']));
        // Keys: the last duplicate, in whatever spelling.
        if let Some(object) = expected.as_object() {
            for (key, expected) in object {
                prop_assert_eq!(&to_serde(value.get(key).unwrap()), expected);
            }
            prop_assert!(value.get("no such key").is_none());
        }
        prop_assert_eq!(value.as_u64().is_some(), expected.as_u64().is_some());
        prop_assert_eq!(value.as_bool(), expected.as_bool());
    }

    #[test]
    fn what_is_accepted_is_what_serde_json_accepts(bytes in json::damaged()) {
        let ours = Value::parse(&bytes);
        if let Some(accepted) = serde_accepts(&bytes) {
            prop_assert_eq!(ours.is_ok(), accepted, "{:?}", ours.map(|_| ()));
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused_without_a_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..64)
    ) {
        match Document::parse(bytes.clone()) {
            Ok(document) => prop_assert_eq!(document.finish(), bytes),
            Err(error) => {
                prop_assert!(error.offset() <= bytes.len());
                prop_assert!(error.line() >= 1 && error.column() >= 1);
            }
        }
    }

    #[test]
    fn encoded_text_is_read_back_and_spelt_as_serde_json_does(text in any::<String>()) {
        let mut encoded = String::new();
        encode_str(&mut encoded, &text);
        prop_assert_eq!(&encoded, &serde_json::to_string(&text).unwrap());
        let value = Value::parse(encoded.as_bytes()).unwrap();
        prop_assert_eq!(value.as_str().unwrap(), text.as_str());
        prop_assert!(value.is_str(&text));
    }

    #[test]
    fn every_place_has_a_path_that_leads_back_to_it(text in json::text(), at in any::<Index>()) {
        let document = Document::parse(text).unwrap();
        let nodes = Node::flatten(document.root());
        let node = &nodes[at.index(nodes.len())];
        let path = document.path(node.span).to_string();
        let depth = path.matches(['.', '[']).count();
        prop_assert!(!path.is_empty() && depth <= path.len());
        prop_assert_eq!(document.root().value_at(node.span).unwrap().raw(), &node.raw);
    }
}

#[test]
fn a_nest_is_accepted_to_128_levels_and_refused_beyond_without_recursion() {
    let nest = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    let objects = |depth: usize| r#"{"a":"#.repeat(depth) + "1" + &"}".repeat(depth);
    assert!(Value::parse(nest(128).as_bytes()).is_ok());
    assert!(Value::parse(objects(128).as_bytes()).is_ok());
    assert!(
        Value::parse(nest(129).as_bytes())
            .unwrap_err()
            .is_too_deep()
    );
    assert!(
        Value::parse(objects(129).as_bytes())
            .unwrap_err()
            .is_too_deep()
    );
    assert!(
        Value::parse("[".repeat(5_000_000).as_bytes())
            .unwrap_err()
            .is_too_deep()
    );
}

// === editing ===

/// A value of the original, with its place and everything below it.
#[derive(Clone, Debug)]
struct Node {
    span: Span,
    raw: String,
    children: Children,
    parent: Parent,
}

#[derive(Clone, Debug)]
enum Children {
    None,
    Elements(Vec<Node>),
    Members(Vec<(String, Node)>),
}

#[derive(Clone, Copy, Debug)]
enum Parent {
    Nothing,
    Array(ElementSpan),
    Object(MemberSpan),
}

impl Node {
    fn new(value: Value<'_>, parent: Parent) -> Self {
        let children = match value.kind() {
            Kind::Array => Children::Elements(
                value
                    .elements()
                    .map(|element| Node::new(element.value(), Parent::Array(element.span())))
                    .collect(),
            ),
            Kind::Object => Children::Members(
                value
                    .members()
                    .map(|member| {
                        let parent = Parent::Object(member.span());
                        (member.key().into_owned(), Node::new(member.value(), parent))
                    })
                    .collect(),
            ),
            _ => Children::None,
        };
        Self {
            span: value.span(),
            raw: value.raw().to_owned(),
            children,
            parent,
        }
    }

    fn flatten(root: Value<'_>) -> Vec<Node> {
        fn walk(node: &Node, all: &mut Vec<Node>) {
            all.push(node.clone());
            match &node.children {
                Children::None => {}
                Children::Elements(nodes) => nodes.iter().for_each(|node| walk(node, all)),
                Children::Members(nodes) => nodes.iter().for_each(|(_, node)| walk(node, all)),
            }
        }
        let mut all = Vec::new();
        walk(&Node::new(root, Parent::Nothing), &mut all);
        all
    }
}

#[derive(Clone, Debug)]
enum Action {
    Replace(String),
    ReplaceText(String),
    Remove,
    Rename(String),
    /// Into the node, if it is an object, or an array.
    Add(String, String),
}

fn action() -> impl Strategy<Value = Action> {
    let text = || prop_oneof!["[a-c]{1,2}", any::<String>()];
    prop_oneof![
        2 => json::value().prop_map(Action::Replace),
        1 => text().prop_map(Action::ReplaceText),
        4 => Just(Action::Remove),
        2 => text().prop_map(Action::Rename),
        3 => (text(), json::value()).prop_map(|(key, json)| Action::Add(key, json)),
    ]
}

/// The edits of one document, as the documentation describes them.
#[derive(Default, Debug)]
struct Plan {
    replaced: HashMap<Span, String>,
    removed: HashMap<Span, ()>,
    renamed: HashMap<Span, String>,
    added: HashMap<Span, Vec<(String, String)>>,
}

/// What should come out.
#[derive(Debug)]
enum Want {
    Exactly(String),
    Elements(Vec<Want>),
    Members(Vec<(String, Want)>),
}

impl Plan {
    fn apply(&mut self, document: &mut Document, node: &Node, action: &Action) {
        match action {
            Action::Replace(json) => {
                document.replace(node.span, json.clone()).unwrap();
                self.replaced.insert(node.span, json.clone());
            }
            Action::ReplaceText(text) => {
                document.replace_text(node.span, text);
                self.replaced
                    .insert(node.span, serde_json::to_string(text).unwrap());
            }
            Action::Remove => match node.parent {
                Parent::Nothing => {}
                Parent::Array(span) => {
                    document.remove_element(span);
                    self.removed.insert(node.span, ());
                }
                Parent::Object(span) => {
                    document.remove(span);
                    self.removed.insert(node.span, ());
                }
            },
            Action::Rename(key) => {
                let Parent::Object(span) = node.parent else {
                    return;
                };
                document.rename(span, key);
                self.renamed.insert(node.span, key.clone());
            }
            Action::Add(key, json) => {
                let added = self.added.entry(node.span).or_default();
                match node.children {
                    Children::None => {
                        assert!(document.insert(node.span, key, json.clone()).is_err());
                        assert!(document.push(node.span, json.clone()).is_err());
                    }
                    Children::Elements(_) => {
                        document.push(node.span, json.clone()).unwrap();
                        added.push((String::new(), json.clone()));
                    }
                    Children::Members(_) => {
                        document.insert(node.span, key, json.clone()).unwrap();
                        match added.iter_mut().find(|(old, _)| old == key) {
                            Some((_, old)) => old.clone_from(json),
                            None => added.push((key.clone(), json.clone())),
                        }
                    }
                }
            }
        }
    }

    fn touches(&self, node: &Node) -> bool {
        let own = self.replaced.contains_key(&node.span)
            || self.removed.contains_key(&node.span)
            || self.renamed.contains_key(&node.span)
            || self
                .added
                .get(&node.span)
                .is_some_and(|added| !added.is_empty());
        own || match &node.children {
            Children::None => false,
            Children::Elements(nodes) => nodes.iter().any(|node| self.touches(node)),
            Children::Members(nodes) => nodes.iter().any(|(_, node)| self.touches(node)),
        }
    }

    fn want(&self, node: &Node) -> Want {
        if let Some(json) = self.replaced.get(&node.span) {
            let json = json.trim_matches([' ', '\t', '\r', '\n']);
            return Want::Exactly(json.to_owned());
        }
        let stays = |node: &Node| !self.removed.contains_key(&node.span);
        let added = self.added.get(&node.span).cloned().unwrap_or_default();
        let below = match &node.children {
            Children::None => false,
            Children::Elements(nodes) => nodes.iter().any(|node| self.touches(node)),
            Children::Members(nodes) => nodes.iter().any(|(_, node)| self.touches(node)),
        };
        if !below && added.is_empty() {
            return Want::Exactly(node.raw.clone());
        }
        match &node.children {
            Children::None => Want::Exactly(node.raw.clone()),
            Children::Elements(nodes) => Want::Elements(
                nodes
                    .iter()
                    .filter(|node| stays(node))
                    .map(|node| self.want(node))
                    .chain(added.into_iter().map(|(_, json)| Want::Exactly(json)))
                    .collect(),
            ),
            Children::Members(nodes) => Want::Members(
                nodes
                    .iter()
                    .filter(|(_, node)| stays(node))
                    .map(|(key, node)| {
                        let key = self.renamed.get(&node.span).unwrap_or(key);
                        (key.clone(), self.want(node))
                    })
                    .chain(
                        added
                            .into_iter()
                            .map(|(key, json)| (key, Want::Exactly(json))),
                    )
                    .collect(),
            ),
        }
    }
}

impl Want {
    fn check(&self, value: Value<'_>) {
        match self {
            Want::Exactly(raw) => assert_eq!(value.raw(), raw),
            Want::Elements(wanted) => {
                assert_eq!(value.kind(), Kind::Array);
                assert_eq!(value.elements().count(), wanted.len());
                for (element, want) in value.elements().zip(wanted) {
                    want.check(element.value());
                }
            }
            Want::Members(wanted) => {
                assert_eq!(value.kind(), Kind::Object);
                assert_eq!(value.members().count(), wanted.len());
                for (member, (key, want)) in value.members().zip(wanted) {
                    assert_eq!(&member.key(), key);
                    want.check(member.value());
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Any edits at any places, in any order: the result is JSON, it is what the edits say, and what
    /// they do not touch is spelt as before.
    #[test]
    fn an_edited_document_is_what_its_edits_say(
        text in json::text(),
        actions in prop::collection::vec((any::<Index>(), action()), 1..10),
    ) {
        let mut document = Document::parse(text).unwrap();
        let nodes = Node::flatten(document.root());
        let mut plan = Plan::default();
        for (at, action) in &actions {
            plan.apply(&mut document, &nodes[at.index(nodes.len())], action);
        }
        let out = document.finish();
        let result = Document::parse(out.clone()).unwrap();
        prop_assert_ne!(serde_accepts(&out), Some(false));
        plan.want(&nodes[0]).check(result.root());
    }

    /// Replacements and renamings leave every other byte as it is.
    #[test]
    fn bytes_outside_the_edited_places_stay(
        text in json::text(),
        places in prop::collection::vec((any::<Index>(), json::value()), 1..4),
    ) {
        let mut document = Document::parse(text.clone()).unwrap();
        let nodes = Node::flatten(document.root());
        let mut edits: Vec<(Span, String)> = Vec::new();
        for (at, json) in places {
            let node = &nodes[at.index(nodes.len())];
            let key = match node.parent {
                Parent::Object(span) => span.key(),
                _ => node.span,
            };
            let apart = |span: Span| span.end() <= key.start() || key.end() <= span.start();
            if edits.iter().all(|(span, _)| apart(*span)) {
                document.replace_text(key, &json);
                edits.push((key, serde_json::to_string(&json).unwrap()));
            }
        }
        edits.sort();
        let mut expected = text;
        for (span, json) in edits.iter().rev() {
            expected.replace_range(span.range(), json);
        }
        prop_assert_eq!(document.finish(), expected);
    }

    /// Removal of children touches nothing but the removed and the commas around them.
    #[test]
    fn survivors_of_a_removal_keep_their_distance(
        text in json::text(),
        removed in prop::collection::vec(any::<bool>(), 8),
    ) {
        let mut document = Document::parse(text.clone()).unwrap();
        let children: Vec<(Span, bool)> = match Node::new(document.root(), Parent::Nothing).children {
            Children::None => return Ok(()),
            Children::Elements(nodes) => nodes.iter().zip(&removed).map(|(node, &gone)| {
                if let (true, Parent::Array(span)) = (gone, node.parent) {
                    document.remove_element(span);
                }
                (node.span, gone)
            }).collect(),
            Children::Members(nodes) => nodes.iter().zip(&removed).map(|((_, node), &gone)| {
                let Parent::Object(span) = node.parent else { unreachable!() };
                if gone {
                    document.remove(span);
                }
                (span.whole(), gone)
            }).collect(),
        };
        let out = document.finish();
        let out = std::str::from_utf8(&out).unwrap();
        // What stands before the first survivor and between neighbours that stay is still there.
        for pair in children.windows(2) {
            if let [(a, false), (b, false)] = pair {
                prop_assert!(out.contains(&text[a.start()..b.end()]));
            }
        }
        if let Some((first, false)) = children.first() {
            prop_assert!(out.starts_with(&text[..first.end()]));
        }
        if let Some((last, false)) = children.last() {
            prop_assert!(out.ends_with(&text[last.start()..]));
        }
    }

    /// `set` and `unset` are what they are on a map.
    #[test]
    fn set_and_unset_act_as_on_a_map(
        text in json::value().prop_filter("an object", |text| text.starts_with('{')),
        steps in prop::collection::vec(
            (prop::sample::select(vec!["a", "b", "", "n", "new"]), prop::option::of(json::value())),
            1..8,
        ),
    ) {
        let mut document = Document::parse(text.clone()).unwrap();
        let object = document.root().span();
        let mut expected: serde_json::Map<_, _> = serde_json::from_str(&text).unwrap();
        for (key, json) in steps {
            match json {
                Some(json) => {
                    expected.insert(key.to_owned(), serde_json::from_str(&json).unwrap());
                    document.set(object, key, json).unwrap();
                }
                None => {
                    let was = expected.remove(key).is_some();
                    prop_assert_eq!(document.unset(object, key), was);
                }
            }
        }
        let out = document.finish();
        let result: serde_json::Map<_, _> = serde_json::from_slice(&out).unwrap();
        prop_assert_eq!(result, expected);
    }

    /// Spans of another document do no harm.
    #[test]
    fn foreign_spans_never_panic(
        text in json::text(),
        other in json::text(),
        actions in prop::collection::vec((any::<Index>(), action()), 1..6),
    ) {
        let foreign = Document::parse(other).unwrap();
        let nodes = Node::flatten(foreign.root());
        let mut document = Document::parse(text).unwrap();
        for (at, action) in &actions {
            let node = &nodes[at.index(nodes.len())];
            document.replace_text(node.span, "x");
            match (action, node.parent) {
                (Action::Rename(key), Parent::Object(span)) => document.rename(span, key),
                (Action::Remove, Parent::Object(span)) => document.remove(span),
                (_, Parent::Array(span)) => document.remove_element(span),
                (Action::Add(key, json), _) => {
                    let _ = document.insert(node.span, key, json.clone());
                    let _ = document.push(node.span, json.clone());
                    let _ = document.set(node.span, key, json.clone());
                }
                _ => {}
            }
            let _ = document.path(node.span).to_string();
            if let Some(value) = document.root().value_at(node.span) {
                let _ = (value.as_str(), value.members().count(), value.elements().count());
            }
        }
        let _ = document.finish();
    }
}
