//! Misspelt words: all words within an edit distance of one that is read, in one walk over a tree.
//!
//! The distance is that of optimal string alignment: letters that are added, left out, replaced, or swapped with
//! the next one, each of which counts one and is not edited again.

/// Largest distance.
pub(crate) const MAX_DISTANCE: usize = 3;

/// Cells of a row of the table that matter: those at most this far from the diagonal.
const BAND: usize = 2 * MAX_DISTANCE + 1;

/// No distance that counts.
const FAR: u8 = 100;

/// Words shorter than this have to begin with the right letter, unless two edits are allowed.
const FREE: usize = 6;

/// How many edits a word of this many letters may have.
///
/// Short words have too many neighbours: one edit makes `kill` into `bill`, `hill`, `skill` and `kilt`.
pub(crate) const fn allowance(letters: usize, most: usize) -> usize {
    let allowed = match letters {
        0..=4 => 0,
        5..=8 => 1,
        9..=12 => 2,
        _ => 3,
    };
    if allowed < most { allowed } else { most }
}

/// Words with the number of edits that each may have, as one tree per number.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
    /// The edges of all nodes, those of a node side by side and in order.
    edges: Vec<(char, u32)>,
}

#[derive(Debug)]
struct Node {
    edges: (u32, u32),
    word: Option<u32>,
    /// Lengths of the words from here on, from the root.
    shortest: u32,
    longest: u32,
}

/// The trees by number of edits, and memory for walks.
#[derive(Debug, Default)]
pub(crate) struct Fuzzy {
    trees: [Tree; MAX_DISTANCE],
    /// From how many letters on the first one may be wrong.
    free: usize,
}

impl Fuzzy {
    /// Words with their numbers, each of which may have up to `most` edits.
    pub(crate) fn new<'w>(words: impl IntoIterator<Item = (&'w str, u32)>, most: usize) -> Self {
        let mut lists: [Vec<(Vec<char>, u32)>; MAX_DISTANCE] = Default::default();
        for (word, number) in words {
            let letters: Vec<char> = word.chars().collect();
            let allowed = allowance(letters.len(), most);
            if let Some(list) = allowed.checked_sub(1).and_then(|at| lists.get_mut(at)) {
                list.push((letters, number));
            }
        }
        Self {
            trees: lists.map(Tree::new),
            free: if most >= 2 { 0 } else { FREE },
        }
    }

    /// Calls `found` with each word that `letters` may be a misspelling of, and the distance. Words that are
    /// equal are among them.
    pub(crate) fn find(&self, letters: &[char], mut found: impl FnMut(u32, usize)) {
        for (tree, distance) in self.trees.iter().zip(1..) {
            tree.find(letters, distance, self.free, &mut found);
        }
    }
}

impl Tree {
    fn new(mut words: Vec<(Vec<char>, u32)>) -> Self {
        words.sort();
        words.dedup_by(|one, other| one.0 == other.0);
        let mut tree = Self::default();
        if !words.is_empty() {
            tree.nodes.push(Node::new());
            tree.grow(&words);
        }
        tree
    }

    /// Level by level, so that the children of a node are side by side.
    fn grow(&mut self, words: &[(Vec<char>, u32)]) {
        let mut level = vec![(0_usize, 0..words.len())];
        let mut depth = 0;
        while !level.is_empty() {
            let mut next = Vec::new();
            for (node, range) in level {
                let list = words.get(range.clone()).unwrap_or_default();
                let first_edge = to_u32(self.edges.len());
                let mut at = 0;
                let mut word = None;
                if let Some((letters, number)) = list.first()
                    && letters.len() == depth
                {
                    word = Some(*number);
                    at = 1;
                }
                while let Some(c) = list.get(at).and_then(|(letters, _)| letters.get(depth)) {
                    let count = list.get(at..).unwrap_or_default();
                    let count = count.partition_point(|(letters, _)| letters.get(depth) == Some(c));
                    self.edges.push((*c, to_u32(self.nodes.len())));
                    next.push((self.nodes.len(), range.start + at..range.start + at + count));
                    self.nodes.push(Node::new());
                    at += count;
                }
                let lengths = || list.iter().map(|(letters, _)| to_u32(letters.len()));
                if let Some(node) = self.nodes.get_mut(node) {
                    node.edges = (first_edge, to_u32(self.edges.len()));
                    node.word = word;
                    node.shortest = lengths().min().unwrap_or(0);
                    node.longest = lengths().max().unwrap_or(0);
                }
            }
            level = next;
            depth += 1;
        }
    }

    /// Words of fewer than `free` letters have to begin with the right one.
    fn find(
        &self,
        letters: &[char],
        distance: usize,
        free: usize,
        found: &mut impl FnMut(u32, usize),
    ) {
        let length = letters.len();
        let Some(root) = self.nodes.first() else {
            return;
        };
        let fits = |node: &Node| {
            length + distance >= node.shortest as usize
                && length <= node.longest as usize + distance
        };
        let Some(first) = letters.first().filter(|_| fits(root)) else {
            return;
        };
        // The rows of the way to where the walk is: at most as many as the word is long, and some edits.
        let mut rows = vec![[FAR; BAND]; length + distance + 2];
        let mut way = vec!['\0'; length + distance + 2];
        for (cell, value) in rows
            .get_mut(0)
            .into_iter()
            .flatten()
            .skip(MAX_DISTANCE)
            .zip(0..)
        {
            *cell = value;
        }
        let edges = self.edges_of(root).iter();
        let mut stack: Vec<(u32, char, usize)> =
            edges.map(|(c, child)| (*child, *c, 1_usize)).collect();
        while let Some((node, c, depth)) = stack.pop() {
            let Some(node) = self.nodes.get(node as usize).filter(|node| fits(node)) else {
                continue;
            };
            let Some(place) = way.get_mut(depth) else {
                continue;
            };
            *place = c;
            if depth == 1 && c != *first && (node.longest as usize) < free {
                continue;
            }
            let row = next_row(&rows, &way, depth, letters);
            if row.iter().all(|cell| usize::from(*cell) > distance) {
                continue;
            }
            if let Some(place) = rows.get_mut(depth) {
                *place = row;
            }
            if let Some(word) = node.word
                && (depth >= free || way.get(1) == Some(first))
                && let Some(last) = (length + MAX_DISTANCE).checked_sub(depth)
                && let Some(cell) = row.get(last).filter(|cell| usize::from(**cell) <= distance)
            {
                found(word, usize::from(*cell));
            }
            let edges = self.edges_of(node).iter();
            stack.extend(edges.map(|(c, child)| (*child, *c, depth + 1)));
        }
    }

    fn edges_of(&self, node: &Node) -> &[(char, u32)] {
        let (from, to) = node.edges;
        self.edges
            .get(from as usize..to as usize)
            .unwrap_or_default()
    }
}

impl Node {
    const fn new() -> Self {
        Self {
            edges: (0, 0),
            word: None,
            shortest: 0,
            longest: 0,
        }
    }
}

/// The row of the table for the letter at `depth` of the way. Cell `b` of row `i` is the distance between the
/// first `i` letters of the way and the first `i + b - MAX_DISTANCE` of the word.
fn next_row(rows: &[[u8; BAND]], way: &[char], depth: usize, letters: &[char]) -> [u8; BAND] {
    let mut row = [FAR; BAND];
    let (Some(before), Some(c)) = (rows.get(depth - 1), way.get(depth)) else {
        return row;
    };
    let mut left = FAR;
    for (cell, slot) in row.iter_mut().enumerate() {
        // How many letters of the word this cell is about.
        let Some(count) = (depth + cell).checked_sub(MAX_DISTANCE) else {
            continue;
        };
        if count > letters.len() {
            break;
        }
        let above = before.get(cell + 1).copied().unwrap_or(FAR);
        let mut best = above.min(left).saturating_add(1);
        if let Some(letter) = count.checked_sub(1).and_then(|at| letters.get(at)) {
            let diagonal = before.get(cell).copied().unwrap_or(FAR);
            best = best.min(diagonal.saturating_add(u8::from(letter != c)));
            if depth > 1
                && count > 1
                && way.get(depth - 1) == Some(letter)
                && letters.get(count - 2) == Some(c)
                && let Some(swapped) = rows.get(depth - 2).and_then(|row| row.get(cell))
            {
                best = best.min(swapped.saturating_add(1));
            }
        }
        *slot = best.min(FAR);
        left = *slot;
    }
    row
}

fn to_u32(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
pub(crate) mod tests;
