//! What holds for every text, every cut and every order.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// A piece of text of a choice: reasoning, content or a call.
type Step = (u32, usize, String);

const MEMBERS: [&str; 3] = ["reasoning_content", "content", "refusal"];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let text = "[ab1 2é\"\\\\\n]{0,4}|[a-z ]{20,40}[0-9]{0,2}";
    vec((0..3_u32, 0..MEMBERS.len(), text), 0..40)
}

/// The text of each choice and member in these events, as a client puts it together.
fn texts(events: &str) -> Vec<[String; 3]> {
    let mut texts = vec![<[String; 3]>::default(); 3];
    for data in datas(events) {
        let Ok(document) = Document::parse(data.as_bytes().to_vec()) else {
            assert_eq!(data, "[DONE]");
            continue;
        };
        let choices = document.root().get("choices").unwrap();
        for choice in choices.elements() {
            let index = choice.value().get("index").unwrap().as_u64().unwrap();
            let delta = choice.value().get("delta").unwrap();
            for (text, member) in texts[index as usize].iter_mut().zip(MEMBERS) {
                if let Some(piece) = delta.get(member) {
                    *text += &piece.as_str().unwrap();
                }
            }
        }
    }
    texts
}

/// What is to come out: a text ends where another of the same choice goes on.
fn expected(steps: &[Step]) -> Vec<[String; 3]> {
    let mut texts = vec![<[String; 3]>::default(); 3];
    let mut open: [(usize, String); 3] = Default::default();
    for (choice, member, text) in steps {
        let choice = *choice as usize;
        if text.is_empty() {
            continue;
        }
        let (last, held) = &mut open[choice];
        if last != member {
            texts[choice][*last] += &masked(held);
            held.clear();
            *last = *member;
        }
        held.push_str(text);
    }
    for (choice, (member, held)) in open.iter().enumerate() {
        texts[choice][*member] += &masked(held);
    }
    texts
}

fn filters(words: bool, split: usize, limit: usize) -> FilterText<impl Filters> {
    FilterText::new(Endpoint::ChatCompletions, move |_: &Channel| {
        Some(Mask { words })
    })
    .split_from(split)
    .max_held_events(limit)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_comes_out_is_always_a_prefix_of_what_the_filter_makes_of_the_whole(
        steps in steps(),
        words: bool,
        split in prop_oneof![Just(1), Just(24), Just(usize::MAX)],
        limit in prop_oneof![Just(0), Just(3), Just(64)],
        per_chunk in 1..4_usize,
        ends in 0..3_usize,
    ) {
        let mut events: Vec<String> =
            steps.iter().map(|(choice, member, text)| delta(*choice, MEMBERS[*member], text)).collect();
        if ends > 0 {
            events.extend((0..3).map(finish));
        }
        if ends > 1 {
            events.push(event("[DONE]"));
        }
        let whole = expected(&steps);
        let mut stream = Stream::new(filters(words, split, limit));
        let mut out = String::new();
        for chunk in events.chunks(per_chunk) {
            out += &stream.push(&chunk.concat());
            for (now, whole) in texts(&out).iter().flatten().zip(whole.iter().flatten()) {
                prop_assert!(whole.starts_with(now), "{now:?} of {whole:?}");
            }
        }
        let at_end = stream.end();
        prop_assert!(ends == 0 || at_end.is_empty());
        out += &at_end;
        prop_assert_eq!(texts(&out), whole);
    }

    #[test]
    fn a_stream_in_which_nothing_is_found_keeps_its_bytes(
        steps in vec((0..3_u32, 0..MEMBERS.len(), "[ab é\"\\\\\n]{0,4}"), 0..30),
        words: bool,
        cuts in vec(any::<prop::sample::Index>(), 0..20),
    ) {
        let mut text: String =
            steps.iter().map(|(choice, member, text)| delta(*choice, MEMBERS[*member], text)).collect();
        text += &(0..3).map(finish).collect::<String>();
        text += "data: [DONE]\r\n\r\n";
        let mut places: Vec<usize> =
            cuts.iter().map(|cut| text.floor_char_boundary(cut.index(text.len()))).collect();
        places.extend([0, text.len()]);
        places.sort_unstable();
        let mut stream = Stream::new(filters(words, usize::MAX, 64));
        let mut out = String::new();
        for cut in places.windows(2) {
            out += &stream.push(&text[cut[0]..cut[1]]);
        }
        out += &stream.end();
        prop_assert_eq!(out, text);
    }

    #[test]
    fn reading_like_the_last_event_and_reading_anew_are_the_same(
        raws in vec(r#"([a1 "é]|\\n|\\"|\\u0031|\\ud83d|\\ude00|\\){0,5}"#, 1..12),
    ) {
        let run = |padded: bool| {
            let mut stream = Stream::new(FilterText::new(Endpoint::ChatCompletions, mask));
            let mut out = String::new();
            for (at, raw) in raws.iter().enumerate() {
                // White space that differs each time hides the likeness.
                let pad = if padded { " ".repeat(at) } else { String::new() };
                let chunk = event(&format!(
                    r#"{{{pad}"choices":[{{"index":0,"delta":{{"content":"{raw}"}}}}]}}"#
                ));
                if !stream.ended {
                    out += &stream.push(&chunk);
                }
            }
            out += &stream.end();
            while out.contains("{ ") {
                out = out.replace("{ ", "{");
            }
            out
        };
        prop_assert_eq!(run(false), run(true));
    }
}
