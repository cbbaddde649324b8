use super::*;

/// Replaces the first occurrence of each.
fn rewritten(data: &str, changes: &[(&str, &str)]) -> String {
    let splices: Vec<Splice> = changes
        .iter()
        .map(|(old, new)| {
            let start = data.find(old).unwrap();
            Splice {
                start,
                end: start + old.len(),
                with: (*new).to_owned(),
            }
        })
        .collect();
    String::from_utf8(rewrite(data.as_bytes(), &splices)).unwrap()
}

#[test]
fn all_other_bytes_stay() {
    let data = r#"{ "a" : 1.00, "t":"h\u0065llo 12 \ud83d", "a":2 }"#;
    assert_eq!(
        rewritten(data, &[("12", "#")]),
        r#"{ "a" : 1.00, "t":"h\u0065llo # \ud83d", "a":2 }"#
    );
}

#[test]
fn what_spells_the_text_of_the_same_choice_again_goes() {
    let data = r#"{"choices":[{"text":"12","logprobs":{"tokens":["1","2"]},"token_ids":[7]},{"text":"ok","logprobs":{"tokens":["ok"]},"token_ids":[8]}],"usage":null}"#;
    assert_eq!(
        rewritten(data, &[("12", "#")]),
        r##"{"choices":[{"text":"#","logprobs":null,"token_ids":null},{"text":"ok","logprobs":{"tokens":["ok"]},"token_ids":[8]}],"usage":null}"##
    );
    // A change to a token is a change to its choice.
    assert_eq!(
        rewritten(data, &[(r#"1","2"#, "#")]),
        data.replace(r#"{"tokens":["1","2"]}"#, "null")
            .replace("[7]", "null")
    );
}

#[test]
fn the_log_probabilities_of_responses_become_an_empty_list() {
    let data = r#"{"type":"response.output_text.delta","delta":"12","logprobs":[{"token":"12"}]}"#;
    assert_eq!(
        rewritten(data, &[("12", "#")]),
        r##"{"type":"response.output_text.delta","delta":"#","logprobs":[]}"##
    );
}
