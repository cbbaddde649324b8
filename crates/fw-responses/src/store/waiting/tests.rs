use super::*;

fn put(waiting: &Waiting, id: &str, text: &str) -> Result<(), NoRoom> {
    let turn = Turn {
        id,
        previous: None,
        json: text.as_bytes(),
        input: Vec::new(),
        output: Vec::new(),
    };
    waiting.put(Owner::new("me"), &turn, 0)
}

fn numbers(waiting: &Waiting) -> Vec<u64> {
    let turns = waiting.of(Owner::new("me"));
    turns.iter().map(|turn| turn.number).collect()
}

#[test]
fn numbers_go_on_from_those_that_are_written() {
    let waiting = Waiting::new(7);
    put(&waiting, "a", "").unwrap();
    put(&waiting, "b", "").unwrap();
    assert_eq!(numbers(&waiting), [7, 8]);
    assert!(waiting.of(Owner::new("another")).is_empty());
}

#[test]
fn one_of_the_same_id_is_replaced() {
    let waiting = Waiting::default();
    put(&waiting, "a", "first").unwrap();
    put(&waiting, "a", "second").unwrap();
    assert_eq!(numbers(&waiting), [1]);
    let found = waiting.find(Owner::new("me"), "a").unwrap();
    assert_eq!(found.entry().3, b"second");
    assert_eq!(waiting.bytes(), found.bytes);
}

#[test]
fn what_came_while_others_were_written_still_waits() {
    let waiting = Waiting::default();
    put(&waiting, "a", "first").unwrap();
    put(&waiting, "b", "").unwrap();
    let (taken, _) = waiting.take();
    // While it is written it is found all the same.
    assert!(waiting.find(Owner::new("me"), "b").is_some());
    put(&waiting, "a", "second").unwrap();
    waiting.forget(&taken);
    assert_eq!(numbers(&waiting), [2]);
    assert!(waiting.find(Owner::new("me"), "b").is_none());
    let found = waiting.find(Owner::new("me"), "a").unwrap();
    assert_eq!(found.entry().3, b"second");
}

#[test]
fn what_waits_is_bounded() {
    let waiting = Waiting::default();
    let text = "x".repeat(MAX_BYTES as usize / 2);
    put(&waiting, "a", &text).unwrap();
    put(&waiting, "b", &text).unwrap_err();
    assert_eq!(numbers(&waiting), [0]);
    waiting.forget(&waiting.take().0);
    put(&waiting, "b", &text).unwrap();
    // Alone, any response has room.
    waiting.forget(&waiting.take().0);
    put(&waiting, "c", &text.repeat(3)).unwrap();

    let me = Owner::new("me");
    for _ in 0..MAX_DELETIONS {
        waiting.delete(me, "c").unwrap();
    }
    waiting.delete(me, "c").unwrap_err();
}

#[test]
fn deletions_and_much_text_are_due_at_once() {
    let waiting = Waiting::default();
    waiting.delete(Owner::new("me"), "a").unwrap();
    assert!(matches!(waiting.due(), Due::Write));
    waiting.take();
    put(&waiting, "a", &"x".repeat(SOON as usize)).unwrap();
    assert!(matches!(waiting.due(), Due::Write));
    waiting.close();
    assert!(matches!(waiting.due(), Due::End));
}
