//! How the Merkle tree is kept: leaves with their entries, the complete nodes above them in a table of their own.
//! Loads the nodes that a frontier or a proof is made of; what is made of them is `record`'s to say.

use std::collections::HashMap;

use holdline_domain::facts::Digest;
use holdline_entity::{audit_entry, merkle_node};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _,
    QuerySelect as _,
};

use super::row;
use crate::{
    failure::Failure,
    record::{Frontier, Place, Proof},
};

/// Nodes by where they stand; all of them are there, or the database was altered.
async fn nodes(
    db: &impl ConnectionTrait,
    places: impl IntoIterator<Item = Place>,
) -> Result<HashMap<Place, Digest>, Failure> {
    let mut leaves = Vec::new();
    let mut above = Condition::any();
    let mut levels: HashMap<u8, Vec<i64>> = HashMap::new();
    let mut wanted = 0;
    for Place { level, place } in places {
        let place = i64::try_from(place).map_err(Failure::internal)?;
        wanted += 1;
        match level {
            0 => leaves.push(place),
            level => levels.entry(level).or_default().push(place),
        }
    }
    let mut found = HashMap::new();
    if !leaves.is_empty() {
        let query = audit_entry::Entity::find().select_only().column(audit_entry::Column::Seq);
        let query = query.column(audit_entry::Column::LeafHash).filter(audit_entry::Column::Seq.is_in(leaves));
        for (seq, hash) in query.into_tuple::<(i64, Vec<u8>)>().all(db).await? {
            found.insert(Place { level: 0, place: seq.unsigned_abs() }, hash_of(&hash)?);
        }
    }
    for (level, places) in levels {
        let level = merkle_node::Column::Level.eq(i32::from(level));
        above = above.add(Condition::all().add(level).add(merkle_node::Column::Place.is_in(places)));
    }
    if !above.is_empty() {
        for row in merkle_node::Entity::find().filter(above).all(db).await? {
            let level = u8::try_from(row.level).map_err(Failure::internal)?;
            found.insert(Place { level, place: row.place.unsigned_abs() }, hash_of(&row.hash)?);
        }
    }
    if found.len() == wanted { Ok(found) } else { Err(row::missing("node of the Merkle tree")) }
}

pub(super) fn hash_of(bytes: &[u8]) -> Result<Digest, Failure> {
    let hash: [u8; 32] = bytes.try_into().map_err(|_| row::altered("hash", "is not 32 bytes"))?;
    Ok(hash.into())
}

/// The right edge of the tree over the first entries.
pub(super) async fn frontier(db: &impl ConnectionTrait, size: u64) -> Result<Frontier, Failure> {
    let places = Frontier::places(size);
    let found = nodes(db, places.iter().copied()).await?;
    let peaks = places.iter().filter_map(|place| found.get(place).copied()).collect();
    Ok(Frontier::new(size, peaks))
}

/// A proof's hashes, and the root of its tree.
pub(super) async fn prove(db: &impl ConnectionTrait, proof: &Proof) -> Result<(Vec<Digest>, Digest), Failure> {
    proof.from(&nodes(db, proof.places()?).await?)
}

/// How many nodes one statement keeps: three parameters each, of which SQLite takes 32,766.
const AT_ONCE: usize = 5_000;

/// Keeps nodes that entries of this transaction completed.
pub(super) async fn keep(db: &impl ConnectionTrait, made: &[(Place, Digest)]) -> Result<(), Failure> {
    for made in made.chunks(AT_ONCE) {
        let mut rows = Vec::with_capacity(made.len());
        for (Place { level, place }, hash) in made {
            rows.push(merkle_node::ActiveModel {
                level: Set(i32::from(*level)),
                place: Set(i64::try_from(*place).map_err(Failure::internal)?),
                hash: Set(hash.bytes().to_vec()),
            });
        }
        merkle_node::Entity::insert_many(rows).exec_without_returning(db).await?;
    }
    Ok(())
}
