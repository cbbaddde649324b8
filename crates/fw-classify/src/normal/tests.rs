use super::*;

fn normal(text: &str) -> String {
    Normal::new(text, &NormalConfig::new()).as_str().to_owned()
}

#[test]
fn a_first() {
    assert_eq!(normal("Hello  World\n\n x"), "hello world\nx");
}
