//! Terms as a tree of words.

use std::collections::HashMap;

use super::TermSet;
use super::hash::Quick;

/// Terms as a tree: from the root one edge a word.
#[derive(Debug)]
pub(super) struct Tree {
    /// The child of a node by the number of a word.
    edges: HashMap<(u32, u32), u32, Quick>,
    nodes: Vec<Node>,
}

#[derive(Debug, Default)]
struct Node {
    /// The sets of which a term ends here, one bit each.
    sets: u8,
    /// The same of terms that are written without spaces, and how many there should be.
    joined: [u8; TermSet::ALL.len()],
    /// Whether there are longer terms.
    goes_on: bool,
}

impl Default for Tree {
    fn default() -> Self {
        Self {
            edges: HashMap::default(),
            nodes: vec![Node::default()],
        }
    }
}

impl Tree {
    pub(super) const ROOT: u32 = 0;

    /// Adds a term that is written with so many spaces too few.
    pub(super) fn add(&mut self, words: &[u32], set: TermSet, joins: usize) {
        if words.is_empty() {
            return;
        }
        let mut at = Self::ROOT;
        for word in words {
            let next = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
            let child = *self.edges.entry((at, *word)).or_insert(next);
            if child == next {
                self.nodes.push(Node::default());
            }
            if let Some(node) = self.nodes.get_mut(at as usize) {
                node.goes_on = true;
            }
            at = child;
        }
        if let Some(node) = self.nodes.get_mut(at as usize) {
            if joins == 0 {
                node.sets |= 1 << set.index();
            } else if let Some(joined) = node.joined.get_mut(set.index()) {
                let joins = u8::try_from(joins).unwrap_or(u8::MAX);
                // Of two terms that read the same without spaces, the one with fewer.
                *joined = if *joined == 0 {
                    joins
                } else {
                    joins.min(*joined)
                };
            }
        }
    }

    pub(super) fn child(&self, node: u32, word: u32) -> Option<u32> {
        self.edges.get(&(node, word)).copied()
    }

    /// The sets of which a term ends at a node, each with the number of spaces that are missing.
    pub(super) fn sets(&self, node: u32) -> impl Iterator<Item = (TermSet, usize)> {
        let node = self.nodes.get(node as usize);
        let (sets, joined) = node.map_or((0, Default::default()), |node| (node.sets, node.joined));
        let with = TermSet::ALL
            .iter()
            .filter(move |set| sets & (1 << set.index()) != 0);
        let without = TermSet::ALL.iter().zip(joined);
        let without = without.filter(|(_, joins)| *joins > 0);
        with.map(|set| (*set, 0))
            .chain(without.map(|(set, joins)| (*set, usize::from(joins))))
    }

    pub(super) fn goes_on(&self, node: u32) -> bool {
        self.nodes
            .get(node as usize)
            .is_some_and(|node| node.goes_on)
    }
}
