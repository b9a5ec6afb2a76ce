//! Tests of the tree, its proofs, notes and checkpoints: the specifications' own examples, properties,
//! and forgeries. Receipts are tested where there is a store.

use std::collections::BTreeMap;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use super::*;
use crate::Digest;
use crate::effects::{GateError, Signer};

/// A ledger key from a fixed seed.
struct LedgerKey(Ed25519KeyPair, Vec<u8>);

impl LedgerKey {
    fn of(seed: u8) -> Self {
        let key = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
        let public = key.public_key().as_ref().to_vec();
        Self(key, public)
    }

    fn verifier(&self, name: &str) -> VerifierKey {
        VerifierKey::ed25519(name, self.1.as_slice().try_into().unwrap()).unwrap()
    }
}

impl Signer for LedgerKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, GateError> {
        Ok(self.0.sign(message).as_ref().to_vec())
    }

    fn public_key(&self) -> &[u8] {
        &self.1
    }
}

/// A whole tree in memory: its nodes and the root after each leaf.
struct Tree {
    nodes: BTreeMap<Coordinate, Digest>,
    roots: Vec<Digest>,
}

impl Tree {
    fn of(size: u64) -> Self {
        let mut frontier = Frontier::default();
        let mut tree = Self { nodes: BTreeMap::new(), roots: vec![frontier.root()] };
        for leaf in 0..size {
            tree.nodes.extend(frontier.push(leaf_hash(&leaf.to_be_bytes())));
            tree.roots.push(frontier.root());
        }
        tree
    }

    fn at(&self, size: u64) -> (u64, Digest) {
        (size, self.roots[usize::try_from(size).unwrap()])
    }
}

/// MTH of RFC 9162, 2.1.1, as it is written there.
fn slow_root(leaves: &[Vec<u8>]) -> Digest {
    match leaves {
        [] => Digest::of(b""),
        [leaf] => leaf_hash(leaf),
        _ => {
            let split = leaves.len().next_power_of_two() / 2;
            node_hash(slow_root(&leaves[..split]), slow_root(&leaves[split..]))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_frontier_has_the_root_that_the_rfc_defines(
        leaves in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..8), 0..70),
    ) {
        let mut frontier = Frontier::default();
        for leaf in &leaves {
            frontier.push(leaf_hash(leaf));
        }
        prop_assert_eq!(frontier.root(), slow_root(&leaves));
    }

    #[test]
    fn each_leaf_is_proven_in_each_tree_and_no_other(size in 1_u64..200, at in any::<u64>(), other in any::<u64>()) {
        let (index, other) = (at % size, other % size);
        let tree = Tree::of(size);
        let path = inclusion_proof(&tree.nodes, index, size).unwrap();
        let leaf = leaf_hash(&index.to_be_bytes());
        let (_, root) = tree.at(size);
        prop_assert_eq!(verify_inclusion(leaf, index, size, &path, root), Ok(()));
        if other != index {
            prop_assert!(verify_inclusion(leaf, other, size, &path, root).is_err());
        }
        prop_assert!(path.len() <= 8);
    }

    #[test]
    fn each_tree_is_proven_to_begin_each_later_one(from in 1_u64..200, more in 0_u64..200) {
        let to = from + more;
        let tree = Tree::of(to);
        let proof = consistency_proof(&tree.nodes, from, to).unwrap();
        prop_assert_eq!(verify_consistency(tree.at(from), tree.at(to), &proof), Ok(()));
        let forged = (from, leaf_hash(b"another tree"));
        prop_assert!(verify_consistency(forged, tree.at(to), &proof).is_err());
    }

    #[test]
    fn a_frontier_is_read_back_from_stored_nodes(size in 0_u64..300) {
        let tree = Tree::of(size);
        let frontier = Frontier::read(&tree.nodes, size).unwrap();
        prop_assert_eq!(frontier.root(), tree.at(size).1);
        prop_assert_eq!(root(&tree.nodes, size).unwrap(), tree.at(size).1);
    }

    #[test]
    fn the_frontier_and_the_new_nodes_hold_all_that_a_new_leafs_proof_needs(old in 0_u64..100, new in 1_u64..40) {
        let mut nodes = BTreeMap::new();
        let mut frontier = Frontier::read(&Tree::of(old).nodes, old).unwrap();
        for at in Frontier::needed(old) {
            nodes.insert(at, frontier.node(at).unwrap());
        }
        for leaf in old..old + new {
            nodes.extend(frontier.push(leaf_hash(&leaf.to_be_bytes())));
        }
        for leaf in old..old + new {
            prop_assert_eq!(
                inclusion_proof(&nodes, leaf, old + new),
                inclusion_proof(&Tree::of(old + new).nodes, leaf, old + new)
            );
        }
    }

    #[test]
    fn any_text_is_parsed_without_a_panic(text in "\\PC{0,200}") {
        let key = LedgerKey::of(1).verifier("gate.example");
        let _ = open_note(&text, &key);
        let _ = text.parse::<TlogProof>();
        let _ = text.parse::<VerifierKey>();
    }
}

#[test]
fn proofs_ask_for_as_many_nodes_as_they_say() {
    let tree = Tree::of(100);
    for index in 0..100 {
        let needed = needed_for_inclusion(index, 100);
        assert!(needed.iter().all(|at| tree.nodes.contains_key(at)));
        assert!(needed.len() <= 14, "{}", needed.len());
    }
    let needed = needed_for_consistency(37, 100);
    assert!(needed.iter().all(|at| tree.nodes.contains_key(at)));
}

const EXAMPLE_KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const EXAMPLE_NOTE: &str = "This is an example message.\n\n\u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

#[test]
fn the_specifications_own_note_is_opened() {
    let key: VerifierKey = EXAMPLE_KEY.parse().unwrap();
    assert_eq!(key.to_string(), EXAMPLE_KEY);
    assert_eq!(open_note(EXAMPLE_NOTE, &key), Ok("This is an example message.\n"));
}

#[test]
fn verifier_keys_that_do_not_add_up_are_refused() {
    for (text, expected) in [
        ("", VerifierKeyError::Form),
        ("example.com/foo", VerifierKeyError::Form),
        ("example.com/foo+530d903a+!", VerifierKeyError::Form),
        (
            "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            VerifierKeyError::Id,
        ),
        (
            "example.com/bar+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            VerifierKeyError::Id,
        ),
        (
            "example.com/foo+530d903a+BOkyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            VerifierKeyError::Kind,
        ),
        (
            "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            VerifierKeyError::Name(String::new()),
        ),
    ] {
        assert_eq!(text.parse::<VerifierKey>(), Err(expected), "{text}");
    }
}

#[test]
fn a_note_by_unknown_keys_alone_is_refused_and_beside_a_known_one_ignored() {
    let (ours, theirs) = (LedgerKey::of(1), LedgerKey::of(2));
    let (name, other) = ("gate.example/a", "gate.example/b");
    let text = "a\n\nb\n";
    let by_them = sign_note(text, &theirs.verifier(name), &theirs).unwrap();
    assert_eq!(
        open_note(&by_them, &ours.verifier(name)),
        Err(NoteError::Unsigned(name.to_owned())),
        "the same name with another key id is an unknown key"
    );
    let note = sign_note(text, &ours.verifier(name), &ours).unwrap();
    let line = by_them.strip_prefix("a\n\nb\n\n").unwrap();
    assert_eq!(open_note(&format!("{note}{line}"), &ours.verifier(name)), Ok(text));
    assert!(open_note(&note, &ours.verifier(other)).is_err(), "the name is part of the key");
}

#[test]
fn a_known_keys_signature_that_fails_rejects_the_whole_note() {
    let key = LedgerKey::of(1);
    let verifier = key.verifier("gate.example/a");
    let good = sign_note("a\n", &verifier, &key).unwrap();
    let of_other_text = sign_note("b\n", &verifier, &key).unwrap();
    let line = of_other_text.strip_prefix("b\n\n").unwrap();
    let refused = Err(NoteError::Signature("gate.example/a".to_owned()));
    assert_eq!(open_note(&format!("{good}{line}"), &verifier), refused);
    assert_eq!(open_note(&good.replacen('a', "c", 1), &verifier), refused);
}

#[test]
fn notes_of_another_form_are_refused() {
    let key: VerifierKey = EXAMPLE_KEY.parse().unwrap();
    let line = EXAMPLE_NOTE.split_once("\n\n").unwrap().1;
    for note in [
        String::new(),
        "\n\n".to_owned(),
        "text\n".to_owned(),
        format!("text\n{line}"),
        EXAMPLE_NOTE.trim_end().to_owned(),
        EXAMPLE_NOTE.replace('\u{2014}', "-"),
        EXAMPLE_NOTE.replace("This", "This\t"),
        format!("{EXAMPLE_NOTE}{}", line.repeat(100)),
        format!("{}{EXAMPLE_NOTE}", "a".repeat(70_000)),
    ] {
        assert!(matches!(open_note(&note, &key), Err(NoteError::Form(_))), "{note}");
    }
}

#[test]
fn a_checkpoint_of_another_ledger_by_the_same_key_does_not_count() {
    let key = LedgerKey::of(1);
    let verifier = key.verifier("gate.example/a");
    let other = Checkpoint { origin: "gate.example/b".into(), size: 0, root: empty_root() };
    let note = other.sign(&verifier, &key).unwrap();
    assert!(matches!(Checkpoint::open(&note, &verifier), Err(CheckpointError::Origin { .. })));
    let ours = Checkpoint { origin: "gate.example/a".into(), ..other };
    let note = ours.sign(&verifier, &key).unwrap();
    assert_eq!(Checkpoint::open(&note, &verifier), Ok(ours));
}

#[test]
fn checkpoints_of_another_form_are_refused() {
    let key = LedgerKey::of(1);
    let verifier = key.verifier("a");
    let root = STANDARD.encode([0; 32]);
    for text in [
        format!("\n1\n{root}\n"),
        format!("a\n01\n{root}\n"),
        format!("a\n+1\n{root}\n"),
        format!("a\n18446744073709551616\n{root}\n"),
        "a\n1\n\n".to_owned(),
        "a\n1\nAAAA\n".to_owned(),
        format!("a\n1\n{root}\n\nx\n"),
    ] {
        let note = sign_note(&text, &verifier, &key).unwrap();
        let found = Checkpoint::open(&note, &verifier);
        assert!(matches!(found, Err(CheckpointError::Form(_))), "{text}: {found:?}");
    }
}

#[test]
fn a_tlog_proof_is_read_back_and_holds_for_its_leaf_alone() {
    let key = LedgerKey::of(1);
    let verifier = key.verifier("gate.example/a");
    let tree = Tree::of(13);
    let (size, root) = tree.at(13);
    let checkpoint = Checkpoint { origin: "gate.example/a".into(), size, root };
    let proof = TlogProof {
        index: 5,
        path: inclusion_proof(&tree.nodes, 5, size).unwrap(),
        checkpoint: checkpoint.sign(&verifier, &key).unwrap(),
    };
    let text = proof.to_string();
    assert_eq!(text.parse(), Ok(proof.clone()));
    let extra = text.replace("index", "extra AAAA\nindex");
    assert_eq!(extra.parse(), Ok(proof.clone()));
    assert_eq!(proof.verify(&5_u64.to_be_bytes(), &verifier), Ok(checkpoint));
    assert!(matches!(
        proof.verify(&6_u64.to_be_bytes(), &verifier),
        Err(TlogProofError::Inclusion(_))
    ));
    for text in [
        text.replace("@v1", "@v2"),
        text.replace("index 5", "index 05"),
        text.replace("index 5\n", ""),
        text.replace("index 5\n", "index 5\nno hash\n"),
        text.replace("\n\n", "\n"),
        text.replace(
            "index 5\n",
            &format!("index 5\n{}", format!("{}\n", STANDARD.encode([0; 32])).repeat(65)),
        ),
    ] {
        assert!(matches!(text.parse::<TlogProof>(), Err(TlogProofError::Form(_))), "{text}");
    }
}
