//! Texts to look at, for the benchmarks of the policies that read them.

/// Kinds of text.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Prose,
    Code,
    Cjk,
    /// All of it in one disguise.
    Leet,
    /// A line each in six of them.
    Obfuscated,
}

pub(crate) const KINDS: [Kind; 5] = [
    Kind::Prose,
    Kind::Code,
    Kind::Cjk,
    Kind::Leet,
    Kind::Obfuscated,
];

const PROSE: &str = "The river was slow that winter, and nothing moved between the bridges. However, the station \
    stayed open: people came with bags, questions and small dogs! It was, perhaps, the best of mornings; nobody \
    (not even the guard) could remember another one like it. \"Who is there?\" she asked, and read the instructions \
    on the door once more, from the first line to the last.\n";

const CODE: &str = "pub(crate) fn next_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Frame>> {\n    \
    let name = self.names.get(index).map(String::as_str);\n    if name.is_none() { return Poll::Ready(None) }\n}\n\n\
    def parse(line: str, *, strict: bool = False) -> dict[str, int]:\n    # 0x1f means the end of a field\n    \
    return {key: int(value, 16) for key, value in pairs(line)}\n";

const CJK: &str = "那年冬天河水流得很慢,桥与桥之间没有任何东西移动。车站仍然开着,人们带着行李、问题和小狗来到这里。\
    その冬、川の流れはとても遅く、橋と橋の間では何も動いていませんでした。駅は開いていて、人々が荷物を持って来ました。\n";

const LEET: &str = "7h3 r1v3r w45 5l0w 7h47 w1n73r, 4nd n07h1n6 m0v3d b37w33n 7h3 br1d635. 7h3 574710n 574y3d 0p3n: p30pl3 \
    c4m3 w17h b465, qu3571n5 4nd 5m4ll d065!\n";

/// The same in several disguises: base64, leet, spaced, rot13, percent, and letters that look alike.
const OBFUSCATED: &str = "VGhlIHJpdmVyIHdhcyBzbG93IHRoYXQgd2ludGVyLCBhbmQgbm90aGluZyBtb3ZlZCBiZXR3ZWVuIHRoZSBicmlkZ2Vz\n\
    7h3 r1v3r w45 5l0w 7h47 w1n73r, 4nd n07h1n6 m0v3d b37w33n 7h3 br1d635\nT h e   r i v e r   w a s   s l o w\n\
    Gur evire jnf fybj gung jvagre, naq abguvat zbirq orgjrra gur oevqtrf\n\
    %54%68%65%20%72%69%76%65%72%20%77%61%73%20%73%6c%6f%77\nThе rivеr wаs slоw thаt wintеr\n";

/// So many bytes of a kind.
pub(crate) fn text(kind: Kind, length: usize) -> String {
    let piece = match kind {
        Kind::Prose => PROSE,
        Kind::Code => CODE,
        Kind::Cjk => CJK,
        Kind::Leet => LEET,
        Kind::Obfuscated => OBFUSCATED,
    };
    let mut text = piece.repeat(length / piece.len() + 1);
    text.truncate(text.floor_char_boundary(length));
    text
}
