//! Reads the name and the operator right before a value.

/// A name that something is assigned to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Label<'a> {
    pub(in super::super) name: &'a str,
    pub(in super::super) operator: Operator,
    /// Whether the value begins with a quote.
    pub(in super::super) quoted: bool,
    /// Whether there is no space around the operator, as in shells and `.env` files.
    pub(in super::super) tight: bool,
}

/// What stands between the name and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Operator {
    /// `=`, `:`, `:=`, `=>`, or an XML tag.
    Assign,
    /// A command line flag: `--password x`.
    Flag,
    /// `password is x`.
    Prose,
    /// `set_password("x")`.
    Call,
    /// `("password", "x")`.
    Pair,
}

/// The label that `before` ends with: all that stands before the value, opening quote included.
pub(in super::super) fn label(before: &str) -> Option<Label<'_>> {
    let (rest, quoted) = without_opening_quote(before);
    let bare = rest.trim_end_matches([' ', '\t', '*']);
    let spaced = bare.len() < rest.len();
    let (rest, operator) = match bare.as_bytes().last()? {
        b'>' if bare.ends_with("=>") => (&bare[..bare.len() - 2], Operator::Assign),
        b'>' => return xml_tag(bare),
        b'=' => (
            bare.trim_end_matches(['=', ':', '?', '+', '!', '~']),
            Operator::Assign,
        ),
        b':' => {
            let rest = &bare[..bare.len() - 1];
            (
                rest.strip_suffix(':').map_or(Some(rest), |_| None)?,
                Operator::Assign,
            )
        }
        b'(' if quoted => (&bare[..bare.len() - 1], Operator::Call),
        b',' if quoted => {
            let rest = &bare[..bare.len() - 1];
            rest.ends_with(['"', '\''])
                .then_some((rest, Operator::Pair))?
        }
        _ => match bare.strip_suffix('：') {
            Some(rest) => (rest, Operator::Assign),
            None if spaced => by_space(bare)?,
            None => return None,
        },
    };
    let (start, end) = name(rest)?;
    let tight = !spaced && end == rest.len();
    let name = rest.get(start..end)?;
    let label = Label {
        name,
        operator,
        quoted,
        tight,
    };
    if operator == Operator::Assign {
        if is_type(name)
            && let Some(owner) = annotated(rest.get(..start)?)
        {
            return Some(Label {
                name: owner,
                ..label
            });
        }
        if name.eq_ignore_ascii_case("value") {
            return Some(Label {
                name: named_before(rest.get(..start)?)?,
                ..label
            });
        }
    }
    Some(label)
}

/// The name that `before` ends with, without an operator.
pub(in super::super) fn last_name(before: &str) -> Option<&str> {
    let (start, end) = name(before)?;
    before.get(start..end)
}

/// Takes an opening quote off, with an escape before it and a prefix such as the `f` of `f"`.
fn without_opening_quote(before: &str) -> (&str, bool) {
    let rest = before.trim_end_matches(['"', '\'', '`']);
    if rest.len() == before.len() {
        return (before, false);
    }
    let rest = rest.trim_end_matches('\\');
    let bytes = rest.as_bytes();
    let prefixed = matches!(
        bytes.last(),
        Some(b'f' | b'b' | b'r' | b'u' | b'L' | b'@' | b'$')
    ) && !bytes
        .len()
        .checked_sub(2)
        .and_then(|at| bytes.get(at))
        .is_some_and(|byte| is_name(*byte));
    (
        if prefixed {
            &rest[..rest.len() - 1]
        } else {
            rest
        },
        true,
    )
}

/// `<password>`, `<password encoding="plain">`.
fn xml_tag(before: &str) -> Option<Label<'_>> {
    let inner = &before[..before.len() - 1];
    let inner = &inner[inner.rfind('<')? + 1..];
    let end = inner
        .bytes()
        .position(|byte| !is_name(byte))
        .unwrap_or(inner.len());
    let name = inner.get(..end).filter(|name| !name.is_empty())?;
    Some(Label {
        name,
        operator: Operator::Assign,
        quoted: false,
        tight: true,
    })
}

/// `--password `, `-p `, `password is `.
fn by_space(before: &str) -> Option<(&str, Operator)> {
    let start = name_start(before, before.len());
    let word = before.get(start..)?;
    if word.starts_with('-') {
        return Some((before, Operator::Flag));
    }
    VERBS
        .iter()
        .any(|verb| verb.eq_ignore_ascii_case(word))
        .then(|| (before[..start].trim_end_matches(' '), Operator::Prose))
}

const VERBS: &[&str] = &["is", "was", "ist", "lautet", "es", "est", "é", "è", "to"];

/// The range of the name at the end, closing quotes and brackets left out. Words before it that stand a
/// space apart belong to it, as in "API key", for they say what the key is for.
fn name(before: &str) -> Option<(usize, usize)> {
    let end = before
        .trim_end_matches([' ', '\t', '*', '"', '\'', '`', '\\', ']', ')', '?', '_'])
        .len();
    let mut start = name_start(before, end);
    if start == end {
        return None;
    }
    for _ in 0..2 {
        let Some(left) = before.get(..start).and_then(|left| left.strip_suffix(' ')) else {
            break;
        };
        let word = name_start(left, left.len());
        if word == left.len() {
            break;
        }
        start = word;
    }
    Some((start, end))
}

fn name_start(text: &str, end: usize) -> usize {
    let bytes = &text.as_bytes()[..end];
    let mut start = bytes
        .iter()
        .rposition(|byte| !is_name(*byte))
        .map_or(0, |at| at + 1);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    start.min(end)
}

const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'$') || byte >= 0x80
}

/// Names of types of text, which may stand between a name and its value.
fn is_type(name: &str) -> bool {
    matches!(
        name.rsplit([' ', '.']).next(),
        Some("str" | "string" | "String" | "text" | "Text" | "char" | "SecretString" | "SecretStr")
    )
}

/// The name in `password: str`, without the type.
fn annotated(before: &str) -> Option<&str> {
    let rest = before.trim_end_matches([' ', '&', '\'', '<', '[']);
    let rest = rest
        .strip_suffix("static")
        .unwrap_or(rest)
        .trim_end_matches(['\'', '&', ' ']);
    let rest = rest.strip_suffix(':')?;
    let (start, end) = name(rest)?;
    rest.get(start..end)
}

/// The name that an earlier field gives, as in `key="password" value="` and `name: PASSWORD` + `value: `.
fn named_before(before: &str) -> Option<&str> {
    let rest = before.trim_end_matches([' ', '\t', '\n', '\r', ',', '"', '\'', '\\']);
    let start = name_start(rest, rest.len());
    let owner = rest.get(start..)?;
    let field = rest
        .get(..start)?
        .trim_end_matches([' ', '"', '\'', '\\'])
        .strip_suffix([':', '='])?
        .trim_end_matches([' ', '"', '\'', '\\']);
    let word = field.get(name_start(field, field.len())..)?;
    ["name", "key", "id", "variable"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(word))
        .then_some(owner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name_of(before: &str) -> Option<(&str, Operator)> {
        label(before).map(|label| (label.name, label.operator))
    }

    #[test]
    fn names_stand_before_an_operator() {
        use Operator::{Assign, Call, Flag, Pair, Prose};
        for (before, expected) in [
            ("password = \"", ("password", Assign)),
            ("{\"api_key\": \"", ("api_key", Assign)),
            ("{\\\"api_key\\\": \\\"", ("api_key", Assign)),
            ("'secret' => '", ("secret", Assign)),
            ("os.environ['TOKEN'] = '", ("TOKEN", Assign)),
            ("let token: &'static str = \"", ("let token", Assign)),
            ("token = f\"", ("token", Assign)),
            ("**Password:** ", ("Password", Assign)),
            ("<password>", ("password", Assign)),
            ("mysql --password ", ("mysql --password", Flag)),
            ("the password is ", ("the password", Prose)),
            ("client.set_password(\"", ("client.set_password", Call)),
            ("setenv(\"API_KEY\", \"", ("API_KEY", Pair)),
            ("<add key=\"ApiKey\" value=\"", ("ApiKey", Assign)),
            ("- name: TOKEN\n  value: \"", ("TOKEN", Assign)),
            ("密码：", ("密码", Assign)),
        ] {
            assert_eq!(name_of(before), Some(expected), "{before}");
        }
    }

    #[test]
    fn other_text_is_no_label() {
        for before in [
            "",
            "word ",
            "a::",
            "</password>",
            "\"",
            "say \"",
            "f(x, \"",
            "value=\"",
        ] {
            assert_eq!(name_of(before), None, "{before}");
        }
    }
}
