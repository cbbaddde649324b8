//! Letters drawn by other signs: small capitals, letters in boxes, flags, upside down.

use super::inline::{Decoded, Inline};

/// The fewest letters: fewer are flags and abbreviations.
const MIN_LETTERS: usize = 6;

/// Small capitals and letters upside down, and what they stand for.
const DRAWN: [(&str, &str); 2] = [
    ("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnopqrstuvwyz"),
    ("ɐɔǝɟƃᵷɥᴉıɾʞןɯɹʇʌʍʎ", "acefgghiijklmrtvwy"),
];

/// Replaces drawn letters of `text` by plain ones.
pub(super) fn decode(text: &str, room: usize) -> Option<Decoded> {
    // The first bytes of all these characters.
    if !text
        .bytes()
        .any(|byte| matches!(byte, 0xC7 | 0xC9 | 0xCA | 0xD7 | 0xE1 | 0xEA | 0xF0))
    {
        return None;
    }
    let mut inline = Inline::new(text, room);
    let mut letters = 0;
    for (at, c) in text.char_indices() {
        if let Some(letter) = letter(c) {
            letters += 1;
            inline.replace(at..at + c.len_utf8(), letter.encode_utf8(&mut [0; 4]));
        }
    }
    (letters >= MIN_LETTERS)
        .then(|| inline.finish(true))
        .flatten()
}

fn letter(c: char) -> Option<char> {
    let from = |first: char| char::from_u32(u32::from('a') + (u32::from(c) - u32::from(first)));
    match c {
        '\0'..='\u{17F}' | '\u{3000}'..='\u{9FFF}' | '\u{AC00}'..='\u{FFFF}' => None,
        '\u{1F130}'..='\u{1F149}' => from('\u{1F130}'),
        '\u{1F150}'..='\u{1F169}' => from('\u{1F150}'),
        '\u{1F170}'..='\u{1F189}' => from('\u{1F170}'),
        '\u{1F1E6}'..='\u{1F1FF}' => from('\u{1F1E6}'),
        '\u{180}'..='\u{2AF}'
        | '\u{1D00}'..='\u{1D7F}'
        | '\u{5D0}'..='\u{5DF}'
        | '\u{A730}'..='\u{A7AF}' => DRAWN
            .iter()
            .find_map(|(drawn, plain)| {
                drawn
                    .chars()
                    .zip(plain.chars())
                    .find(|(drawn, _)| *drawn == c)
            })
            .map(|(_, plain)| plain),
        _ => None,
    }
}
