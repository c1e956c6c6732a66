//! What the picker costs in a browser, where `costs` has it natively. Run with `cargo xtask bench --wasm`.

#![cfg(target_arch = "wasm32")]

mod setup;

use std::hint::black_box;
use std::time::Duration;

use setup::{PIECES, crowd, pick_and_put_back, picker, poor_peer, some_pieces};
use wasm_bindgen_test::{Criterion, wasm_bindgen_bench, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

/// Three sizes, a second each.
fn measure(criterion: &mut Criterion, what: &str, mut routine_for: impl FnMut(u32) -> Box<dyn FnMut()>) {
    let mut criterion =
        std::mem::take(criterion).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    for pieces in PIECES {
        let mut routine = routine_for(pieces);
        criterion.bench_function(&format!("{what}, {pieces} pieces"), |bencher| bencher.iter(&mut routine));
    }
}

#[wasm_bindgen_bench]
fn thousand_haves(criterion: &mut Criterion) {
    measure(criterion, "1,000 x have", |pieces| {
        let (mut availability, _) = crowd(pieces);
        let random = some_pieces(pieces);
        Box::new(move || random.iter().for_each(|piece| availability.add_piece(black_box(*piece))))
    });
}

#[wasm_bindgen_bench]
fn partial_bitfield_joins_and_leaves(criterion: &mut Criterion) {
    measure(criterion, "a partial bitfield joins and leaves", |pieces| {
        let (mut availability, half) = crowd(pieces);
        Box::new(move || {
            availability.add(black_box(&half));
            availability.remove(black_box(&half));
        })
    });
}

#[wasm_bindgen_bench]
fn pick_from_a_peer_with_half(criterion: &mut Criterion) {
    measure(criterion, "pick, peer has half", |pieces| {
        let (mut picker, half) = picker(pieces);
        Box::new(move || pick_and_put_back(&mut picker, &half))
    });
}

#[wasm_bindgen_bench]
fn pick_from_a_peer_with_one_piece_in_a_thousand(criterion: &mut Criterion) {
    measure(criterion, "pick, peer has one in a thousand", |pieces| {
        let (mut picker, _) = picker(pieces);
        let few = poor_peer(pieces);
        Box::new(move || pick_and_put_back(&mut picker, &few))
    });
}
