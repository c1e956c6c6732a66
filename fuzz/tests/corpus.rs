//! The seeds in `corpus/` are what the code writes, and every target takes them.

use std::fs;
use std::path::Path;

use covey_fuzz::{TARGETS, seeds};

#[test]
fn the_corpus_holds_the_seeds_as_the_code_writes_them() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for seed in seeds() {
        let file = corpus.join(seed.target).join(&seed.name);
        let bytes = fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        assert_eq!(bytes, seed.bytes, "{} is old: run the example `seeds`", file.display());
    }
}

#[test]
fn no_target_fails_at_a_seed_of_any_target() {
    for seed in seeds() {
        for (_, target) in TARGETS {
            target(&seed.bytes);
        }
    }
}

#[test]
fn every_target_has_seeds() {
    for (name, _) in TARGETS {
        assert!(seeds().iter().any(|seed| seed.target == name), "{name}");
    }
}
