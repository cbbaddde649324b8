//! What stands next to each other in a request, put together.
//!
//! A message may have any number of parts, and a model reads them as one text. Whoever wants to hide something
//! cuts it between two of them.

use fw_policy::{Text, Texts};
use fw_wire::TextKind;

use crate::channel::Channel;

/// Of a part that is twice as long or longer only so many bytes at each end count: all of it was looked at by
/// itself.
const EDGE: usize = 1024;

/// What is put between two parts: they may be cut inside a word or between two.
const BETWEEN: [&str; 2] = ["", " "];

/// Texts of one channel with nobody else speaking between them, as many stretches as there are.
pub(crate) fn stretches(
    texts: &Texts,
    channel: impl Fn(&Text) -> Option<Channel>,
) -> Vec<(Channel, Vec<&str>)> {
    let mut done = Vec::new();
    // One for each channel: a document between two parts of what a user says does not keep them apart.
    let mut open: [Vec<&str>; Channel::ALL.len()] = Default::default();
    let mut speaker = None;
    for text in texts {
        // Each prompt and each text to embed is one by itself.
        if matches!(text.kind(), TextKind::Prompt | TextKind::Input) {
            continue;
        }
        if speaker != Some(text.role()) {
            close(&mut open, &mut done);
            speaker = Some(text.role());
        }
        let Some(channel) = channel(text) else {
            continue;
        };
        let stretch = Channel::ALL.iter().zip(&mut open);
        for (_, stretch) in stretch.filter(|(of, _)| **of == channel) {
            stretch.push(text.as_str());
        }
    }
    close(&mut open, &mut done);
    done
}

fn close<'t>(open: &mut [Vec<&'t str>], done: &mut Vec<(Channel, Vec<&'t str>)>) {
    for (channel, stretch) in Channel::ALL.into_iter().zip(open) {
        let stretch = std::mem::take(stretch);
        if stretch.len() > 1 {
            done.push((channel, stretch));
        }
    }
}

/// Parts as texts to look at: with nothing between them, and with a space. No longer than the parts, twice.
pub(crate) fn joined(parts: &[&str]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for between in BETWEEN {
        let mut text = String::new();
        let mut pieces = 0;
        let mut end = |text: &mut String, pieces: &mut usize| {
            let text = std::mem::take(text);
            if std::mem::take(pieces) > 1 && !all.contains(&text) {
                all.push(text);
            }
        };
        for part in parts {
            let (head, tail) = edges(part);
            if pieces > 0 && !text.ends_with(char::is_whitespace) {
                text.push_str(between);
            }
            text.push_str(head);
            pieces += 1;
            if let Some(tail) = tail {
                end(&mut text, &mut pieces);
                text.push_str(tail);
                pieces = 1;
            }
        }
        end(&mut text, &mut pieces);
    }
    all
}

/// All of a short part; the beginning and the end of a long one.
fn edges(part: &str) -> (&str, Option<&str>) {
    if part.len() <= 2 * EDGE {
        return (part, None);
    }
    let head = part.get(..part.floor_char_boundary(EDGE));
    let tail = part.get(part.ceil_char_boundary(part.len() - EDGE)..);
    (head.unwrap_or_default(), tail)
}

#[cfg(test)]
mod tests {
    use fw_wire::{Direction, Endpoint};

    use super::*;

    fn stretches_of(body: &serde_json::Value) -> Vec<(Channel, Vec<String>)> {
        let endpoint = Endpoint::Messages;
        let texts = Texts::parse(endpoint, Direction::Request, body.to_string()).unwrap();
        let of = |text: &Text| Channel::of(text.role(), text.kind());
        let found = stretches(&texts, of).into_iter();
        found
            .map(|(channel, parts)| (channel, parts.into_iter().map(str::to_owned).collect()))
            .collect()
    }

    #[test]
    fn parts_are_put_together_by_channel_until_somebody_else_speaks() {
        let text = |text: &str| serde_json::json!({"type": "text", "text": text});
        let document = |text: &str| {
            let source =
                serde_json::json!({"type": "text", "media_type": "text/plain", "data": text});
            serde_json::json!({"type": "document", "source": source})
        };
        let body = serde_json::json!({"messages": [
            {"role": "user", "content": [text("a"), document("x"), text("b"), document("y")]},
            {"role": "assistant", "content": "c"},
            {"role": "user", "content": [text("d")]}]});
        let found = stretches_of(&body);
        let expected = [(Channel::User, ["a", "b"]), (Channel::Document, ["x", "y"])];
        let expected =
            expected.map(|(channel, parts)| (channel, parts.map(str::to_owned).to_vec()));
        assert_eq!(found, expected);
    }

    #[test]
    fn parts_are_joined_with_a_space_and_without() {
        assert_eq!(joined(&["ig", "nore", "all"]), ["ignoreall", "ig nore all"]);
        assert_eq!(joined(&["a ", "b\n", "c"]), ["a b\nc"]);
        assert!(joined(&["alone"]).is_empty() && joined(&[]).is_empty());
    }

    #[test]
    fn of_long_parts_the_edges_are_joined() {
        let long = format!("begin{}end", " x".repeat(5000));
        let found = joined(&["a", &long, "b"]);
        assert_eq!(found.len(), 4);
        assert!(found[0].starts_with("abegin") && found[1].ends_with("endb"));
        assert!(found[2].starts_with("a begin") && found[3].ends_with("end b"));
        assert!(found.iter().all(|text| text.len() < EDGE + 10));
    }
}
