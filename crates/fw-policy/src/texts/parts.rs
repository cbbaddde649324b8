//! What stands next to each other, put together.

use fw_wire::TextKind;

use super::Texts;
use crate::Text;

/// Of a part that is twice as long or longer only so many bytes at each end count: all of it was looked at by
/// itself.
const EDGE: usize = 1024;

/// What is put between two parts: they may be cut inside a word or between two.
const BETWEEN: [&str; 2] = ["", " "];

impl Texts {
    /// Texts of one channel with nobody else speaking between them, where there is more than one.
    ///
    /// A message may have any number of parts, and a model reads them as one text. Whoever wants to hide
    /// something cuts it between two of them: a policy that looks at each text by itself looks at what
    /// [`join_parts`] makes of a stretch as well.
    ///
    /// `channel` says what is put together, and `None` for what is not looked at. A document between two parts
    /// of what a user says does not keep them apart. Each prompt and each text to embed is one by itself.
    ///
    /// ```
    /// use fw_policy::{Texts, join_parts};
    /// use fw_wire::{Direction, Endpoint};
    ///
    /// let body = r#"{"messages":[{"role":"user","content":[
    ///     {"type":"text","text":"night"},{"type":"text","text":"fall"}]}]}"#;
    /// let texts = Texts::parse(Endpoint::ChatCompletions, Direction::Request, body)?;
    /// let stretches = texts.stretches(|_| Some(()));
    /// assert_eq!(stretches, [((), vec!["night", "fall"])]);
    /// assert_eq!(join_parts(&stretches[0].1), ["nightfall", "night fall"]);
    /// # Ok::<(), fw_wire::DocumentError>(())
    /// ```
    pub fn stretches<C: PartialEq>(
        &self,
        channel: impl Fn(&Text) -> Option<C>,
    ) -> Vec<(C, Vec<&str>)> {
        let mut done = Vec::new();
        let mut open: Vec<(C, Vec<&str>)> = Vec::new();
        let mut speaker = None;
        for text in self {
            if matches!(text.kind(), TextKind::Prompt | TextKind::Input) {
                continue;
            }
            if speaker != Some(text.role()) {
                done.append(&mut open);
                speaker = Some(text.role());
            }
            let Some(channel) = channel(text) else {
                continue;
            };
            match open.iter_mut().find(|(of, _)| *of == channel) {
                Some((_, stretch)) => stretch.push(text.as_str()),
                None => open.push((channel, vec![text.as_str()])),
            }
        }
        done.append(&mut open);
        done.retain(|(_, stretch)| stretch.len() > 1);
        done
    }
}

/// Parts as texts to look at: with nothing between them, and with a space. Of a part over 2 KiB only the first
/// and the last KiB count. All together no longer than the parts, twice.
#[must_use]
pub fn join_parts(parts: &[&str]) -> Vec<String> {
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
    use super::*;

    #[test]
    fn parts_are_joined_with_a_space_and_without() {
        assert_eq!(
            join_parts(&["ig", "nore", "all"]),
            ["ignoreall", "ig nore all"]
        );
        assert_eq!(join_parts(&["a ", "b\n", "c"]), ["a b\nc"]);
        assert!(join_parts(&["alone"]).is_empty() && join_parts(&[]).is_empty());
    }

    #[test]
    fn of_long_parts_the_edges_are_joined() {
        let long = format!("begin{}end", " x".repeat(5000));
        let found = join_parts(&["a", &long, "b"]);
        assert_eq!(found.len(), 4);
        assert!(found[0].starts_with("abegin") && found[1].ends_with("endb"));
        assert!(found[2].starts_with("a begin") && found[3].ends_with("end b"));
        assert!(found.iter().all(|text| text.len() < EDGE + 10));
    }
}
