//! What is to be said about a conversion.

use std::collections::HashMap;
use std::fmt::Write;

/// Longest line of notes, and how many notes and places are spelt out.
const WIDTH: usize = 98;
const MAX_NOTES: usize = 400;
const MAX_PATHS: usize = 6;

/// What a note asks of its reader.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Todo,
    Changed,
    LeftOut,
}

/// Notes about places in the file that was read. Messages hold no value that may be a key.
#[derive(Default)]
pub(super) struct Notes {
    found: Vec<Note>,
    /// Places of notes that say the same are gathered.
    index: HashMap<(Kind, String), usize>,
}

struct Note {
    kind: Kind,
    message: String,
    /// The first of the places, and how many more there are.
    paths: Vec<String>,
    more: usize,
}

impl Notes {
    /// Something that has to be done before the output can be used.
    pub(super) fn todo(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.add(Kind::Todo, path.into(), message.into());
    }

    /// Something that was carried over and means something slightly different.
    pub(super) fn changed(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.add(Kind::Changed, path.into(), message.into());
    }

    /// Something that has no equivalent.
    pub(super) fn left_out(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.add(Kind::LeftOut, path.into(), message.into());
    }

    fn add(&mut self, kind: Kind, path: String, message: String) {
        let place = self
            .index
            .entry((kind, message))
            .or_insert_with_key(|(kind, message)| {
                self.found.push(Note {
                    kind: *kind,
                    message: message.clone(),
                    paths: Vec::new(),
                    more: 0,
                });
                self.found.len() - 1
            });
        if let Some(note) = self.found.get_mut(*place)
            && !note.paths.contains(&path)
        {
            if note.paths.len() < MAX_PATHS {
                note.paths.push(path);
            } else {
                note.more += 1;
            }
        }
    }

    /// All of them as text, each kind under a heading. Empty if there are none.
    pub(super) fn to_text(&self) -> String {
        let mut text = String::new();
        for (kind, heading) in [
            (Kind::Todo, "To do before it runs:"),
            (Kind::Changed, "Carried over, with a difference:"),
            (Kind::LeftOut, "Left out:"),
        ] {
            let notes: Vec<&Note> = self.found.iter().filter(|note| note.kind == kind).collect();
            if notes.is_empty() {
                continue;
            }
            let _ = writeln!(text, "\n{heading}");
            for note in notes.iter().take(MAX_NOTES) {
                wrap(&mut text, &note.line());
            }
            if notes.len() > MAX_NOTES {
                let _ = writeln!(text, "  - and {} more", notes.len() - MAX_NOTES);
            }
        }
        text
    }
}

impl Note {
    fn line(&self) -> String {
        let mut line = self.paths.join(", ");
        if self.more > 0 {
            let _ = write!(line, " and {} more", self.more);
        }
        let _ = write!(line, ": {}", self.message);
        printable(&line)
    }
}

/// `text` without what could end a comment or hide in it.
pub(super) fn printable(text: &str) -> String {
    let plain = |c: char| c == ' ' || c.is_ascii_graphic() || c.is_alphanumeric();
    text.chars()
        .map(|c| if plain(c) { c } else { '?' })
        .collect()
}

/// Adds a list item, broken at spaces.
fn wrap(text: &mut String, line: &str) {
    text.push_str("  -");
    let mut column = 3;
    for word in line.split(' ').filter(|word| !word.is_empty()) {
        let length = word.chars().count();
        if column > 4 && column + 1 + length > WIDTH {
            text.push_str("\n   ");
            column = 3;
        }
        text.push(' ');
        text.push_str(word);
        column += 1 + length;
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_that_say_the_same_are_gathered_under_their_kind() {
        let mut notes = Notes::default();
        assert_eq!(notes.to_text(), "");
        notes.left_out("a.b", "there is no such thing");
        notes.todo("a.key", "set KEY");
        notes.left_out("a.c", "there is no such thing");
        notes.left_out("a.c", "there is no such thing");
        assert_eq!(
            notes.to_text(),
            "\nTo do before it runs:\n  - a.key: set KEY\n\nLeft out:\n  - a.b, a.c: there is no such thing\n"
        );
    }

    #[test]
    fn lines_are_short_and_hold_no_line_breaks() {
        let mut notes = Notes::default();
        for index in 0..20 {
            notes.left_out(format!("a\n[{index}]"), "word ".repeat(40));
        }
        let text = notes.to_text();
        assert!(text.contains("and 14 more"), "{text}");
        assert!(
            text.lines().all(|line| line.chars().count() <= WIDTH),
            "{text}"
        );
        assert!(text.contains("a?[0]"), "{text}");
    }
}
