//! The engine among peers that do anything: it neither panics nor loses count, says nothing to a peer
//! that the protocol forbids, and completes as soon as one honest seeder is there.

mod finish;
mod operation;
mod possession;
mod remote;
mod said;
mod setup;
mod torrent;
mod world;

use arbitrary::{Arbitrary, Unstructured};

use operation::{Operation, Setup};
use world::World;

/// Target: see the module.
pub fn engine_operations(data: &[u8]) {
    let Some((setup, operations)) = read(data) else {
        return;
    };
    let mut world = World::new(&setup);
    operations.into_iter().for_each(|operation| world.apply(operation));
    world.finish();
}

/// What an input of [`engine_operations`] means, one line for the setup and for each operation.
pub fn engine_history(data: &[u8]) -> Vec<String> {
    let Some((setup, operations)) = read(data) else {
        return Vec::new();
    };
    std::iter::once(format!("{setup:?}")).chain(operations.iter().map(|operation| format!("{operation:?}"))).collect()
}

fn read(data: &[u8]) -> Option<(Setup, Vec<Operation>)> {
    let mut input = Unstructured::new(data);
    let setup = Setup::arbitrary(&mut input).ok()?;
    let mut operations = Vec::new();
    while !input.is_empty()
        && let Ok(operation) = Operation::arbitrary(&mut input)
    {
        operations.push(operation);
    }
    Some((setup, operations))
}

/// Histories that reach far, as inputs for the target.
pub(crate) fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    operation::seeds()
}
