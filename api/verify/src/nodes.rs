//! The nodes of the tree that the database keeps, against those that were recomputed from the bodies.
//! A body that was changed moves every node above it; only the lowest one that differs is told.

use std::collections::HashSet;

use crate::{
    finding::{Code, Finding, Findings},
    tree::{Hash, Tree},
};

/// The comparison, node after node, in the order of level and place.
pub(crate) struct Nodes<'t> {
    tree: &'t Tree,
    /// The next node that is expected.
    level: usize,
    place: usize,
    /// The places of the level below, and of this one, at which something differs.
    below: HashSet<usize>,
    here: HashSet<usize>,
}

impl<'t> Nodes<'t> {
    pub(crate) fn new(tree: &'t Tree) -> Self {
        Self { tree, level: 1, place: 0, below: HashSet::new(), here: HashSet::new() }
    }

    /// Compares a kept node.
    pub(crate) fn compare(&mut self, level: i64, place: i64, hash: Option<Hash>, findings: &mut Findings<'_>) {
        let known = usize::try_from(level).ok().zip(usize::try_from(place).ok());
        let expected =
            known.filter(|(level, _)| *level > 0).and_then(|(level, place)| self.tree.level(level).get(place));
        let (Some((level, place)), Some(expected)) = (known, expected) else {
            let what = format!("There is a node of level {level} at place {place}, above entries that are not there.");
            return findings.tell(&Finding::new(Code::NodeDiffers, what));
        };
        self.skip_to(level, place, findings);
        if hash.as_ref() != Some(expected) {
            self.differs(level, place, "is not what the bodies hash to", findings);
        }
        self.place = place.saturating_add(1);
    }

    /// Says which nodes were never met.
    pub(crate) fn finish(mut self, findings: &mut Findings<'_>) {
        self.skip_to(self.tree.height(), 0, findings);
    }

    fn skip_to(&mut self, level: usize, place: usize, findings: &mut Findings<'_>) {
        while self.level < level || (self.level == level && self.place < place) {
            if self.place >= self.tree.level(self.level).len() {
                if self.level >= level {
                    return;
                }
                self.level += 1;
                self.place = 0;
                self.below = std::mem::take(&mut self.here);
                continue;
            }
            self.differs(self.level, self.place, "is not there", findings);
            self.place += 1;
        }
    }

    fn differs(&mut self, level: usize, place: usize, what: &str, findings: &mut Findings<'_>) {
        self.here.insert(place);
        if self.below.contains(&(place * 2)) || self.below.contains(&(place * 2 + 1)) {
            return;
        }
        let what = format!("the tree's node of level {level} at place {place} {what}.");
        let first = (place as u64) << level;
        let last = first + (1 << level) - 1;
        findings.tell(&Finding::new(Code::NodeDiffers, what).within(first, last));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::leaf;

    fn tree(size: u8) -> Tree {
        let mut tree = Tree::default();
        (0..size).for_each(|byte| tree.push(leaf(&[byte])));
        tree
    }

    fn compared(tree: &Tree, kept: impl Iterator<Item = (i64, i64, Hash)>) -> Vec<String> {
        let mut lines = Vec::new();
        let mut out = |finding: &Finding| lines.push(finding.to_string());
        let mut findings = Findings::new(&mut out);
        let mut nodes = Nodes::new(tree);
        for (level, place, hash) in kept {
            nodes.compare(level, place, Some(hash), &mut findings);
        }
        nodes.finish(&mut findings);
        lines
    }

    fn all(tree: &Tree) -> Vec<(i64, i64, Hash)> {
        let level = |level: usize| {
            (0..).zip(tree.level(level)).map(move |(place, hash)| (i64::try_from(level).unwrap(), place, *hash))
        };
        (1..tree.height()).flat_map(level).collect()
    }

    #[test]
    fn the_nodes_of_the_tree_itself_agree() {
        for size in 0..20 {
            let tree = tree(size);
            assert_eq!(compared(&tree, all(&tree).into_iter()), Vec::<String>::new(), "{size}");
        }
    }

    #[test]
    fn of_nodes_above_each_other_the_lowest_that_differs_is_told() {
        let tree = tree(13);
        let mut kept = all(&tree);
        for node in &mut kept {
            if [(1, 2), (2, 1), (3, 0)].contains(&(node.0, node.1)) {
                node.2 = [0; 32];
            }
        }
        let told =
            "node-differs: entries 4 to 5: the tree's node of level 1 at place 2 is not what the bodies hash to.";
        assert_eq!(compared(&tree, kept.into_iter()), [told]);
    }

    #[test]
    fn a_node_that_is_missing_or_too_many_is_told() {
        let tree = tree(4);
        let kept = all(&tree).into_iter().filter(|(level, place, _)| (*level, *place) != (1, 1));
        let told = "node-differs: entries 2 to 3: the tree's node of level 1 at place 1 is not there.";
        assert_eq!(compared(&tree, kept), [told]);
        let more = all(&tree).into_iter().chain([(2, 1, [0; 32]), (-1, 0, [0; 32]), (i64::MAX, i64::MAX, [0; 32])]);
        assert_eq!(compared(&tree, more).len(), 3);
        assert_eq!(compared(&tree, std::iter::empty()).len(), 2);
    }
}
