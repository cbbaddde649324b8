//! Texts to judge.

/// Kinds of text.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Prose,
    Code,
    Chinese,
    /// All of it in one disguise.
    Leet,
    /// Leet, spaced letters, base64.
    Obfuscated,
}

pub(crate) const KINDS: [Kind; 5] = [
    Kind::Prose,
    Kind::Code,
    Kind::Chinese,
    Kind::Leet,
    Kind::Obfuscated,
];

const PROSE: &str = "The old bridge over the river was closed for most of the winter, because the ice had damaged two of its \
pillars. In the morning the children walked along the bank, counted the boats and asked why the water was so dark. Nobody \
had a good answer. Their teacher said that it would be repaired by May, when the market opens again; until then the ferry \
carries people, bicycles and now and then a goat. How much does a ticket cost? Two coins, one for each way. ";

const CODE: &str = "pub(crate) fn next_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Frame>> {\n    for (index, value) in \
self.values.iter().enumerate().skip(2) {\n        // Two passes: the first one counts, the second one writes.\n        \
result.push_str(&format!(\"{name}={value}\"));\n        assert_eq!(buffer.len(), 128, \"the buffer is full\");\n    }\n    \
if self.is_ready() && !queue.is_empty() {\n        return Ok(None);\n    }\n}\n\nconst LIMIT: usize = 16 * 1024;\n";

const CHINESE: &str = "这座老桥在冬天大部分时间都关闭了，因为冰损坏了它的两根柱子。早上孩子们沿着河岸走，数着船，问为什么水这么黑。\
没有人有好的答案。他们的老师说，五月市场重新开放的时候就会修好；在那之前，渡船运送人、自行车，偶尔还有一只山羊。\
一张票多少钱？两枚硬币，单程一枚。";

const LEET: &str = "Th3 0ld br1dg3 0v3r th3 r1v3r w4s cl0s3d f0r m0st 0f th3 w1nt3r, b3c4us3 th3 1c3 h4d d4m4g3d tw0 0f 1ts \
p1ll4rs. 1n th3 m0rn1ng th3 ch1ldr3n w4lk3d 4l0ng th3 b4nk, c0unt3d th3 b04ts 4nd 4sk3d why th3 w4t3r w4s s0 d4rk. ";

const OBFUSCATED: &str = "Th3 0ld br1dg3 0v3r th3 r1v3r w4s cl0s3d. T h e   i c e   h a d   d a m a g e d   i t. \
VGhlIGNoaWxkcmVuIHdhbGtlZCBhbG9uZyB0aGUgYmFuayBhbmQgY291bnRlZCB0aGUgYm9hdHMu Gur grnpure fnvq gung vg jbhyq or ercnverq ol \
Znl. %54%68%65%20%66%65%72%72%79%20%63%61%72%72%69%65%73%20%70%65%6f%70%6c%65. tekcit a tsoc ti seod hcum woh\n";

pub(crate) fn text(kind: Kind, length: usize) -> String {
    let piece = match kind {
        Kind::Prose => PROSE,
        Kind::Code => CODE,
        Kind::Chinese => CHINESE,
        Kind::Leet => LEET,
        Kind::Obfuscated => OBFUSCATED,
    };
    let mut text = piece.repeat(length / piece.len() + 1);
    text.truncate(text.floor_char_boundary(length));
    text
}
