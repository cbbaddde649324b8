#!/usr/bin/env python3
"""Trains the optional name tagger and measures it. Standard library only.

  names.py DATA.jsonl [--write ../data/names.bin]

DATA has one JSON object a line: {"text", "source", "scope": [types], "spans": [{"start", "end", "type"}]} with
offsets in code points. Rows whose scope holds PERSON are examples; rows of a source that begins with "clean_"
are taken for text without names, which is nearly true.

The tagger is a logistic regression over hashed features of each capitalised word. `features` and `runs` are
the specification of src/detect/person.rs: what is changed here is changed there.
"""
import argparse, collections, json, math, os, random, re, unicodedata

HERE = os.path.dirname(os.path.abspath(__file__))
SIZE = 1 << 14
SEED, GROW = 0.0, -3.0  # a word above SEED is a name; its neighbours are, above GROW
LONGEST = 8             # words in a run
PARTICLES = set("van von de der den del della di da dos du la le bin ibn al el ter ten zu".split())
TITLES = set(
    "mr mrs ms miss dr prof sir herr frau senor sr sra ing univ dipl mx mme hr phd md jr mba ba ma bsc msc don"
    " doctor professor madam lady lord captain president inc ltd llc corp corporation company street st road rd"
    " ave avenue suite apt university orchestra gmbh".split()
)
PLAIN = dict(zip("øłđßæœþðı", "oldsaotdi"))
WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
BEFORE = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*|[0-9]+|[^\w\s]|_")


def fold(word):
    low = word.lower()
    plain = "".join(PLAIN.get(c, unicodedata.normalize("NFKD", c)[0]) for c in low)
    return "".join(c for c in plain if "a" <= c <= "z") or low


def names(file):
    return set(open(os.path.join(HERE, "..", "data", file), encoding="utf-8").read().split())


GIVEN, SURNAMES = names("given_names.txt"), names("surnames.txt")


def bucket(text):
    hash_ = 0x811C9DC5  # FNV-1a, 32 bits
    for byte in text.encode():
        hash_ = ((hash_ ^ byte) * 0x01000193) & 0xFFFFFFFF
    return (hash_ ^ hash_ >> 15) & (SIZE - 1)


def runs(text):
    """Capitalised words that follow one another, with the particles between them."""
    found, run = [], []

    def close():
        while run and not text[run[-1][0]].isupper():
            run.pop()
        if run:
            found.append(run[:LONGEST])
        run.clear()

    for match in WORD.finditer(text):
        start, end = match.span()
        word = match.group()
        left = text[start - 1] if start else " "
        right = text[end] if end < len(text) else " "
        inside_dots = right == "." and end + 1 < len(text) and text[end + 1].isalnum()
        if left in "@_/\\#." or left.isdigit() or right in "@_/\\" or right.isdigit() or inside_dots:
            close()
            continue
        capital = word[0].isupper()
        if run:
            gap, last = text[run[-1][1]:start], run[-1][1] - run[-1][0]
            joins = gap in (" ", "\u00a0") or gap == ". " and last <= 2 or gap in ("'", "\u2019") and capital and last <= 2
            if not joins:
                close()
        if capital or run and word in PARTICLES:
            run.append((start, end))
        else:
            close()
    close()
    return found


def shape(word):
    if len(word) == 1:
        return "I"
    if word.isupper():
        return "A"
    return "C" if word[1:].islower() else "M"


def lists(word):
    return ("g" if word in GIVEN else "") + ("s" if word in SURNAMES else "")


def features(text, run, i):
    words = [text[s:e] for s, e in run]
    folded = [fold(w) for w in words]
    before = [m.group().lower() for m in BEFORE.finditer(text[max(0, run[0][0] - 48):run[0][0]])][-2:]
    second, first = (["^"] * (2 - len(before)) + before)
    word, count, place = folded[i], min(len(run), 4), min(i, 3)
    prev = folded[i - 1] if i else "<" + first
    prev2 = folded[i - 2] if i > 1 else "<" + (first if i == 1 else second)
    next_ = folded[i + 1] if i + 1 < len(folded) else ">"
    form = shape(words[i])
    any_given = "1" if any(w in GIVEN for w in folded) else "0"
    any_surname = "1" if any(w in SURNAMES for w in folded) else "0"
    return [bucket(f) for f in (
        "b", "w" + word, "p" + word[:3], "s" + word[-3:], "t" + word[-2:], "h" + form, f"n{count}.{place}",
        "l" + lists(word), f"L{lists(word)}|{form}{count}.{place}", "a" + prev, "c" + prev2, "d" + next_,
        f"e{lists(prev)}|{lists(word)}|{lists(next_)}", "f" + first, f"g{first}|{count}",
        f"k{lists(next_)}|{count}", f"j{lists(prev)}|{place}", f"z{any_given}{any_surname}{form}{count}",
        f"q{first}|{lists(folded[0])}|{lists(folded[-1])}",
    )]


def examples(row, spans):
    for run in runs(row["text"]):
        for i, (start, end) in enumerate(run):
            if row["text"][start].isupper():
                yield features(row["text"], run, i), any(a <= start and end <= b for a, b in spans)


def person_spans(row):
    return {(s["start"], s["end"]) for s in row["spans"] if s["type"] == "PERSON"}


def train(rows, clean, epochs=6):
    data = [e for r in rows for e in examples(r, person_spans(r))]
    data += [e for r in clean for e in examples(r, ())]
    weights, squares, shuffle = [0.0] * SIZE, [1e-6] * SIZE, random.Random(1)
    for _ in range(epochs):
        shuffle.shuffle(data)
        for found, is_name in data:
            score = max(-30, min(30, sum(weights[k] for k in found)))
            error = 1 / (1 + math.exp(-score)) - is_name
            for k in found:  # AdaGrad with a little weight decay
                slope = error + 1e-4 * weights[k]
                squares[k] += slope * slope
                weights[k] -= 0.25 * slope / math.sqrt(squares[k])
    return weights


STEP = 1 / 24  # of the weights as written: one signed byte each


def rounded(weights):
    return [max(-127, min(127, round(w / STEP))) for w in weights]


def predict(weights, text):
    for run in runs(text):
        scores = []
        for i, (start, end) in enumerate(run):
            if not text[start].isupper():
                scores.append(None)
            elif fold(text[start:end]) in TITLES:
                scores.append(-math.inf)
            else:
                scores.append(sum(weights[k] for k in features(text, run, i)) * STEP)
        keep = [s is not None and s > SEED for s in scores]
        grown = True
        while grown:
            grown = False
            for i, score in enumerate(scores):
                if keep[i]:
                    continue
                if score is None:
                    ok = i > 0 and keep[i - 1] and any(s is not None and s > GROW for s in scores[i + 1:])
                else:
                    ok = score > GROW and (i > 0 and keep[i - 1] or i + 1 < len(run) and keep[i + 1])
                if ok:
                    keep[i] = grown = True
        i = 0
        while i < len(run):
            if not keep[i]:
                i += 1
                continue
            j = i
            while j + 1 < len(run) and keep[j + 1]:
                j += 1
            last = j
            while scores[last] is None:
                last -= 1
            yield run[i][0], run[last][1]
            i = j + 1


def measure(weights, rows):
    hit = wrong = missed = 0
    for row in rows:
        gold, found = person_spans(row), set(predict(weights, row["text"]))
        hit, wrong, missed = hit + len(gold & found), wrong + len(found - gold), missed + len(gold - found)
    return hit / max(1, hit + wrong), hit / max(1, hit + missed), 2 * hit / max(1, 2 * hit + wrong + missed)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("--write")
    args = parser.parse_args()
    rows = [json.loads(line) for line in open(args.data, encoding="utf-8")]
    named = [r for r in rows if "PERSON" in r["scope"]]
    clean = [r for r in rows if r["source"].startswith("clean_") and "xquad" not in r["source"] and "gsm8k" not in r["source"]]
    print("strict precision, recall, F1 on a source that was left out of training:")
    for source in sorted({r["source"] for r in named}):
        weights = rounded(train([r for r in named if r["source"] != source], clean))
        print(f"  {source:24s} %.3f %.3f %.3f" % measure(weights, [r for r in named if r["source"] == source]))
    shuffled = named[:]
    random.Random(5).shuffle(shuffled)
    cut = len(shuffled) * 4 // 5
    print("  random fifth of all      %.3f %.3f %.3f" % measure(rounded(train(shuffled[:cut], clean)), shuffled[cut:]))
    if args.write:
        with open(args.write, "wb") as out:
            out.write(bytes(w & 0xFF for w in rounded(train(named, clean))))


if __name__ == "__main__":
    main()
