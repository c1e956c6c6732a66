//! The engine among peers that do anything: it neither panics nor loses count, says nothing to a peer
//! that the protocol forbids, and completes as soon as one honest seeder is there.

mod finish;
mod operation;
mod remote;
mod torrent;
mod world;

use arbitrary::{Arbitrary, Unstructured};

use operation::{Operation, Setup};
use world::World;

/// Target: see the module.
pub fn engine_operations(data: &[u8]) {
    let mut input = Unstructured::new(data);
    let Ok(setup) = Setup::arbitrary(&mut input) else {
        return;
    };
    let mut world = World::new(&setup);
    while !input.is_empty()
        && let Ok(operation) = Operation::arbitrary(&mut input)
    {
        world.apply(operation);
    }
    world.finish();
}

/// Histories that reach far, as inputs for the target.
pub(crate) fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    operation::seeds()
}
