use proptest::prelude::*;

use super::*;

fn normal(text: &str) -> String {
    Normal::new(text, &NormalConfig::new()).as_str().to_owned()
}

#[test]
fn letters_are_in_lower_case_and_spaces_single() {
    for (written, expected) in [
        ("Hello  World", "hello world"),
        ("a\tb \u{a0}c", "a b c"),
        ("one \n\n two\r\nthree", "one\ntwo\nthree"),
        (" ends\n", " ends\n"),
        ("ÀÉ Привет ΣΑΣ ẞ İ", "àé привет σασ ß i"),
        ("", ""),
    ] {
        assert_eq!(normal(written), expected);
    }
}

#[test]
fn compatibility_forms_are_one() {
    for (written, expected) in [
        ("ｆｕｌｌ　ｗｉｄｔｈ", "full width"),
        ("𝐁𝐨𝐥𝐝 𝒮𝒸𝓇𝒾𝓅𝓉 𝔣𝔯𝔞𝔨 ⒶⒷ ﬁne", "bold script frak ab fine"),
        ("cafe\u{301} J\u{30c}", "café ǰ"),
        ("ｶﾞｷﾞ", "ガギ"),
        ("\u{1112}\u{1161}\u{11ab}", "한"),
        ("\u{3000}\u{a0}\u{1161}", " \u{1161}"),
        ("½ x²", "1⁄2 x2"),
    ] {
        assert_eq!(normal(written), expected);
    }
}

#[test]
fn invisible_characters_are_removed() {
    for hidden in [
        '\u{200b}',
        '\u{200d}',
        '\u{ad}',
        '\u{202e}',
        '\u{2066}',
        '\u{feff}',
        '\u{fe0f}',
        '\u{e0041}',
        '\u{e0101}',
        '\u{3164}',
        '\0',
        '\u{1b}',
        '\u{7f}',
        '\u{85}',
    ] {
        let written = format!("ig{hidden}nore{hidden}");
        let expected = if hidden == '\u{85}' {
            "ig nore\n"
        } else {
            "ignore"
        };
        assert_eq!(
            normal(&written).replace('\n', " "),
            expected.replace('\n', " "),
            "{hidden:?}"
        );
    }
}

#[test]
fn piles_of_marks_are_cut() {
    let pile: String = std::iter::repeat_n('\u{316}', 10_000).collect();
    let written = format!("a{pile}b{pile}c");
    let normal = Normal::new(&written, &NormalConfig::new());
    assert_eq!(normal.as_str().chars().count(), 3 + 2 * 4);
    assert_eq!(normal.original(0..1).start, 0);
    // The marks of real writing stay.
    for word in ["Việt Nam", "נִקּוּד", "مُحَمَّد", "น้ำ", "हिन्दी", "தமிழ்"]
    {
        assert_eq!(
            normal_of_nfkc(word),
            super::Normal::new(word, &NormalConfig::new()).as_str()
        );
    }
}

fn normal_of_nfkc(word: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    word.nfkc().flat_map(char::to_lowercase).collect()
}

#[test]
fn look_alikes_are_latin_in_mixed_words_and_beside_latin_words() {
    for (written, expected) in [
        ("ignоrе", "ignore"),
        ("ІGΝОRЕ all", "ignore all"),
        ("send рау now", "send pay now"),
        ("ТНЕ system", "the system"),
        ("раyраl", "paypal"),
        ("sуѕtеm рrоmрt", "system prompt"),
    ] {
        assert_eq!(normal(written), expected);
    }
}

#[test]
fn other_scripts_stay_as_they_are() {
    for text in [
        "привет как дела",
        "компания google и оса с apple",
        "работа в microsoft с оса",
        "γεια σου κόσμε",
        "το iphone και ο",
        "5 μm, 3 kω, Δt",
        "баба",
        "իմ անունը",
    ] {
        assert_eq!(normal(text), text.to_lowercase());
    }
}

#[test]
fn what_is_switched_off_is_left_alone() {
    let plain = NormalConfig::new().unicode(false).homoglyphs(false);
    assert_eq!(
        Normal::new("Ｉg\u{200b}nоre", &plain).as_str(),
        "ｉg\u{200b}nоre"
    );
    let latin = NormalConfig::new().unicode(false);
    assert_eq!(Normal::new("Ignоre ﬁ", &latin).as_str(), "ignore ﬁ");
    let forms = NormalConfig::new().homoglyphs(false);
    assert_eq!(Normal::new("Ｉgnоre", &forms).as_str(), "ignоre");
}

#[test]
fn each_character_alone_and_in_a_word_is_normal_after_one_pass() {
    // Without most of Han and Hangul, which are all alike, and the planes that are empty.
    for c in ('\0'..'\u{3500}')
        .chain('\u{9f00}'..'\u{ad00}')
        .chain('\u{d700}'..'\u{20000}')
        .chain('\u{e0000}'..'\u{e0200}')
    {
        for written in [
            c.to_string(),
            format!("a{c}b"),
            format!("{c}\u{301}"),
            format!("é {c}{c}"),
        ] {
            let once = normal(&written);
            assert_eq!(normal(&once), once, "{written:?}");
        }
    }
}

#[test]
fn ranges_lead_back_to_what_was_written() {
    let written = "Ａ  ﬁx\u{200b}ed ignоre e\u{301}";
    let normal = Normal::new(written, &NormalConfig::new());
    assert_eq!(normal.as_str(), "a fixed ignore é");
    let original = |range| &written[normal.original(range)];
    assert_eq!(original(0..1), "Ａ");
    assert_eq!(original(1..2), "  ");
    assert_eq!(original(2..3), "ﬁ");
    assert_eq!(original(2..7), "ﬁx\u{200b}ed");
    assert_eq!(original(8..14), "ignоre");
    assert_eq!(original(15..16), "e\u{301}");
    assert_eq!(original(15..17), "e\u{301}");
    assert_eq!(original(40..50), "");
}

/// Text with everything that normalisation touches.
fn hard_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-zA-Z]{1,6}",
        2 => "[ \t\n\r\u{a0}\u{3000}]{1,3}",
        2 => "[\u{300}-\u{345}]{1,6}",
        1 => "[\u{200b}\u{ad}\u{feff}\u{fe0f}\u{202e}\u{e0041}\0\u{1b}]{1,2}",
        2 => "[а-яА-ЯіІѕЅјЈα-ωΑ-Ω]{1,4}",
        1 => "[\u{1100}-\u{11ff}가-힣]{1,3}",
        1 => "[ｦ-ﾟ]{1,3}",
        1 => "[\u{900}-\u{97f}\u{e00}-\u{e4f}]{1,4}",
        1 => "[À-ſ\u{1e00}-\u{1eff}]{1,3}",
        1 => "\\PC{1,4}",
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn a_second_pass_changes_nothing(text in hard_text()) {
        let once = Normal::new(&text, &NormalConfig::new());
        let twice = Normal::new(once.as_str(), &NormalConfig::new());
        prop_assert_eq!(once.as_str(), twice.as_str());
        // And what needs no change maps to itself.
        for (at, c) in once.as_str().char_indices() {
            let range = at..at + c.len_utf8();
            prop_assert_eq!(twice.original(range.clone()), range);
        }
    }

    #[test]
    fn ranges_are_whole_characters_in_order(text in hard_text()) {
        let normal = Normal::new(&text, &NormalConfig::new());
        let mut last = 0..0;
        for (at, c) in normal.as_str().char_indices() {
            let range = normal.original(at..at + c.len_utf8());
            prop_assert!(!range.is_empty());
            prop_assert!(text.get(range.clone()).is_some());
            prop_assert!(last.start <= range.start && last.end <= range.end);
            // Two characters share their whole source, or nothing.
            prop_assert!(last == range || last.end <= range.start);
            last = range;
        }
        let all = normal.original(0..normal.as_str().len());
        prop_assert_eq!(all.end, last.end);
    }

    #[test]
    fn any_range_is_answered(text in hard_text(), start in 0_usize..80, end in 0_usize..80) {
        let normal = Normal::new(&text, &NormalConfig::new());
        let range = normal.original(start..end);
        prop_assert!(text.get(range).is_some());
    }

    /// Nothing that shows is lost: what lies between two sources is invisible, or a mark too many.
    #[test]
    fn sources_cover_what_shows(text in hard_text()) {
        let normal = Normal::new(&text, &NormalConfig::new());
        let mut covered = vec![false; text.len()];
        for (at, c) in normal.as_str().char_indices() {
            covered[normal.original(at..at + c.len_utf8())].fill(true);
        }
        for (at, c) in text.char_indices().filter(|(at, _)| !covered[*at]) {
            let mark = unicode_normalization::char::is_combining_mark(c) || matches!(c, '\u{ff9e}' | '\u{ff9f}');
            prop_assert!(mark || classes::is_invisible(c), "{c:?} at {at}");
        }
    }

    #[test]
    fn the_form_that_encodings_are_looked_for_in_is_clean(text in hard_text()) {
        let config = NormalConfig::new().homoglyphs(false);
        if let Some(clean) = clean(&text, &config) {
            let again = super::clean(&clean.text, &config);
            prop_assert!(again.is_none_or(|again| again.text == clean.text));
        }
    }
}
