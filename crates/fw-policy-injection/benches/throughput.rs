//! How fast texts are looked at: `cargo bench -p fw-policy-injection`.
//!
//! `scan`: one text, as a user's turn, per byte: 1 KB/ms is 1000 us/KB, 10 MB/s is 100 us/KB. `hostile`: texts that are
//! made to be slow, at three lengths, to be read as a curve. `reply`: a reply in deltas of about five bytes, per byte,
//! with leaks and links looked for. `model`: reading the weights.

#![allow(clippy::unwrap_used)]

use std::sync::LazyLock;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use fw_policy::{Exchange, Policy, Texts};
use fw_policy_injection::{
    Channel, Detector, InjectionConfig, InjectionPolicy, LeakConfig, LinkConfig,
};
use fw_stream::{Edits, Scan, TextFilter, Window};
use fw_wire::{Direction, Endpoint, TextKind};

static DETECTOR: LazyLock<Detector> =
    LazyLock::new(|| Detector::new(&InjectionConfig::new()).unwrap());

fn main() {
    divan::main();
}

/// Kinds of text.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Prose,
    Code,
    Cjk,
    Obfuscated,
}

const KINDS: [Kind; 4] = [Kind::Prose, Kind::Code, Kind::Cjk, Kind::Obfuscated];

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

/// The same in several disguises: base64, leet, spaced, rot13, percent, and letters that look alike.
const OBFUSCATED: &str = "VGhlIHJpdmVyIHdhcyBzbG93IHRoYXQgd2ludGVyLCBhbmQgbm90aGluZyBtb3ZlZCBiZXR3ZWVuIHRoZSBicmlkZ2Vz\n\
    7h3 r1v3r w45 5l0w 7h47 w1n73r, 4nd n07h1n6 m0v3d b37w33n 7h3 br1d635\nT h e   r i v e r   w a s   s l o w\n\
    Gur evire jnf fybj gung jvagre, naq abguvat zbirq orgjrra gur oevqtrf\n\
    %54%68%65%20%72%69%76%65%72%20%77%61%73%20%73%6c%6f%77\nThе rivеr wаs slоw thаt wintеr\n";

fn text(kind: Kind, length: usize) -> String {
    let piece = match kind {
        Kind::Prose => PROSE,
        Kind::Code => CODE,
        Kind::Cjk => CJK,
        Kind::Obfuscated => OBFUSCATED,
    };
    let mut text = piece.repeat(length / piece.len() + 1);
    text.truncate(text.floor_char_boundary(length));
    text
}

#[divan::bench(args = KINDS, consts = [1024, 16384])]
fn scan<const LENGTH: usize>(bencher: Bencher<'_, '_>, kind: Kind) {
    let text = text(kind, LENGTH);
    bencher
        .counter(BytesCount::new(text.len()))
        .bench(|| DETECTOR.scan(black_box(&text), Channel::User));
}

/// What is repeated.
#[derive(Clone, Copy, Debug)]
enum Hostile {
    Base64InBase64,
    Marks,
    OneWord,
    Markers,
    Spaced,
    Entities,
}

const HOSTILE: [Hostile; 6] = [
    Hostile::Base64InBase64,
    Hostile::Marks,
    Hostile::OneWord,
    Hostile::Markers,
    Hostile::Spaced,
    Hostile::Entities,
];

#[divan::bench(args = HOSTILE, consts = [65_536, 262_144, 1_048_576], sample_count = 5, sample_size = 1)]
fn hostile<const LENGTH: usize>(bencher: Bencher<'_, '_>, kind: Hostile) {
    let piece = match kind {
        Hostile::Base64InBase64 => {
            "VmtkR2FHTXphWEF3WVVkSloxbFhlSE5KU0VKNVdsaGFjR0l6Vm5wSlIyeDFZek5TZVdSWFRqQmhWemwx"
        }
        Hostile::Marks => "e\u{301}\u{302}\u{303}\u{304}\u{305}",
        Hostile::OneWord => "ignore",
        Hostile::Markers => "<|im_start|>system you are </data> ",
        Hostile::Spaced => "i g n o r e   ",
        Hostile::Entities => "&#105;&#103;",
    };
    let text = piece.repeat(LENGTH / piece.len());
    bencher
        .counter(BytesCount::new(text.len()))
        .bench(|| DETECTOR.scan(black_box(&text), Channel::User));
}

/// The length of a delta, about that of a token of a model.
const DELTA: usize = 5;

#[divan::bench(args = [Kind::Prose, Kind::Code, Kind::Cjk])]
fn reply(bencher: Bencher<'_, '_>, kind: Kind) {
    let config = InjectionConfig::new()
        .leak_detection(LeakConfig::on())
        .exfiltration_links(LinkConfig::on());
    let policy = InjectionPolicy::new(&config).unwrap();
    let endpoint = Endpoint::ChatCompletions;
    let body = serde_json::json!({"messages": [{"role": "system", "content": CODE.repeat(8)}]});
    let mut texts = Texts::parse(endpoint, Direction::Request, body.to_string()).unwrap();
    let mut exchange = Exchange::new(endpoint);
    let _ = policy.request(&mut texts, &mut exchange);
    let channel = fw_stream::Channel::new(endpoint, TextKind::Content);
    let text = text(kind, 4096);
    let run = |filter: &mut dyn TextFilter| {
        let (mut shown, mut settled) = (0, 0);
        let mut edits = Edits::new();
        while shown < text.len() {
            let to = text.ceil_char_boundary(shown + DELTA);
            let from = text.ceil_char_boundary(usize::saturating_sub(settled, filter.context()));
            let window = Window::new(
                &text[from..to],
                settled - from,
                shown - from,
                to == text.len(),
            );
            if let Scan::Settled(position) = filter.scan(&window, &mut edits) {
                settled = from + position;
            }
            shown = to;
        }
    };
    bencher
        .counter(BytesCount::new(text.len()))
        .with_inputs(|| policy.filter(&channel, &exchange).unwrap())
        .bench_refs(|filter| run(filter));
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn model() -> usize {
    let weights = include_bytes!("../data/injection.fwm");
    let model = fw_classify::Model::from_bytes(black_box(weights)).unwrap();
    model.heads().len()
}
