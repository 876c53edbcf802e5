//! The record: the Merkle tree over the audit log, and the checkpoints that are signed over it.
//! Holds what a tree and a signature are; refuses to know how they are kept (`store`). What checks them shares no code
//! with this: it is a crate of its own.

mod checkpoint;
pub mod export;
mod last_signed;
mod signer;
mod tree;

pub use checkpoint::{CheckpointKey, LogKeys};
pub use last_signed::LastSigned;
pub use signer::{SignedHead, Signer};
pub use tree::{Frontier, Place, Proof, consistency, inclusion, leaf_hash};
