//! The tree against RFC 6962's own vectors, and against an independent implementation (ct-merkle) on random trees.

use ct_merkle::{ConsistencyProof, InclusionProof, RootHash, mem_backed_tree::MemoryBackedTree};
use proptest::{
    prelude::{ProptestConfig, any},
    prop_assert, prop_assert_eq, proptest,
    sample::Index,
};
use sha2_for_ct_merkle::Sha256;

use super::*;

/// The leaves of the tests of Certificate Transparency's own implementation.
const LEAVES: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];

/// The roots of the trees over the first one, two, … of them.
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/// Every node of a tree as the store keeps it.
fn grown(leaves: &[Vec<u8>]) -> (Frontier, HashMap<Place, Digest>) {
    let mut frontier = Frontier::default();
    let mut nodes = HashMap::new();
    for (place, leaf) in (0..).zip(leaves) {
        let leaf = leaf_hash(leaf);
        nodes.insert(Place { level: 0, place }, leaf);
        nodes.extend(frontier.push(leaf));
    }
    (frontier, nodes)
}

fn bytes(hashes: &[Digest]) -> Vec<u8> {
    hashes.iter().flat_map(Digest::bytes).copied().collect()
}

#[test]
fn the_vectors_of_certificate_transparency_have_their_roots() {
    for (count, root) in (1..).zip(ROOTS) {
        let leaves: Vec<_> = LEAVES[..count].iter().map(|leaf| leaf.to_vec()).collect();
        assert_eq!(grown(&leaves).0.root().to_string(), root, "{count} leaves");
    }
}

#[test]
fn the_empty_tree_has_the_hash_of_nothing_for_a_root() {
    let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(Frontier::default().root().to_string(), nothing);
}

#[test]
fn the_published_path_of_the_first_leaf_is_the_proof_of_it() {
    let (_, nodes) = grown(&LEAVES.map(<[u8]>::to_vec));
    let path = [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ];

    let (hashes, root) = inclusion(0, 8).unwrap().from(&nodes).unwrap();

    assert_eq!(hashes.iter().map(ToString::to_string).collect::<Vec<_>>(), path);
    assert_eq!(root.to_string(), ROOTS[7]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn roots_and_proofs_agree_with_an_independent_implementation(
        size in 1_usize..48,
        seed in any::<u64>(),
        leaf in any::<Index>(),
        earlier in any::<Index>(),
    ) {
        let leaves: Vec<_> = (0..size).map(|place| format!("{seed} {place}").into_bytes()).collect();
        let (frontier, nodes) = grown(&leaves);
        let mut other = MemoryBackedTree::<Sha256, Vec<u8>>::new();
        leaves.iter().cloned().for_each(|leaf| other.push(leaf));
        prop_assert_eq!(bytes(&[frontier.root()]), other.root().as_bytes().to_vec());

        let leaf = leaf.index(size);
        let (hashes, root) = inclusion(leaf as u64, size as u64).unwrap().from(&nodes).unwrap();
        prop_assert_eq!(root, frontier.root());
        let proof = InclusionProof::<Sha256>::try_from_bytes(bytes(&hashes)).unwrap();
        prop_assert!(other.root().verify_inclusion(&leaves[leaf], leaf as u64, &proof).is_ok());

        let earlier = earlier.index(size) + 1;
        let (hashes, root) = consistency(earlier as u64, size as u64).unwrap().from(&nodes).unwrap();
        prop_assert_eq!(root, frontier.root());
        let (old, _) = grown(&leaves[..earlier]);
        let old = RootHash::<Sha256>::new((*old.root().bytes()).into(), earlier as u64);
        let proof = ConsistencyProof::<Sha256>::try_from_bytes(bytes(&hashes)).unwrap();
        prop_assert!(other.root().verify_consistency(&old, &proof).is_ok());
    }

    #[test]
    fn a_frontier_that_was_put_down_and_taken_up_again_grows_as_before(size in 0_u64..200) {
        let mut nodes = HashMap::new();
        let mut frontier = Frontier::default();
        for place in 0..size {
            let leaf = leaf_hash(&place.to_be_bytes());
            nodes.insert(Place { level: 0, place }, leaf);
            nodes.extend(frontier.push(leaf));
        }
        let peaks = Frontier::places(size).iter().map(|place| nodes[place]).collect();
        prop_assert_eq!(Frontier::new(size, peaks), frontier);
    }
}
