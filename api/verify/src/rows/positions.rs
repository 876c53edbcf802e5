//! Where the members of a plan stand: the log lists them in order, the tables number them.
//! A number is one more than the greatest that is there when a member is added; gaps are left by what goes.

use uuid::Uuid;

/// A member's number, with its own members'.
#[derive(Debug, Clone)]
struct Place {
    id: Uuid,
    number: u32,
    members: Vec<(Uuid, u32)>,
}

/// The numbers of a plan's objectives and key results.
#[derive(Debug, Clone, Default)]
pub(super) struct Positions(Vec<Place>);

fn next(numbers: impl Iterator<Item = u32>) -> u32 {
    numbers.map(|number| number.saturating_add(1)).max().unwrap_or(0)
}

impl Positions {
    /// Adds an objective at the end.
    pub(super) fn add(&mut self, id: Uuid) {
        let number = next(self.0.iter().map(|place| place.number));
        self.0.push(Place { id, number, members: Vec::new() });
    }

    /// Adds a key result at the end of its objective.
    pub(super) fn add_member(&mut self, objective: Uuid, id: Uuid) {
        if let Some(place) = self.0.iter_mut().find(|place| place.id == objective) {
            let number = next(place.members.iter().map(|(_, number)| *number));
            place.members.push((id, number));
        }
    }

    /// Takes out an objective with its key results; answers with these.
    pub(super) fn remove(&mut self, id: Uuid) -> Vec<Uuid> {
        let gone = self.0.iter().filter(|place| place.id == id).flat_map(|place| &place.members);
        let gone = gone.map(|(member, _)| *member).collect();
        self.0.retain(|place| place.id != id);
        gone
    }

    /// Takes out a key result.
    pub(super) fn remove_member(&mut self, id: Uuid) {
        for place in &mut self.0 {
            place.members.retain(|(member, _)| *member != id);
        }
    }

    /// Takes out objectives that have no key result left.
    pub(super) fn remove_empty(&mut self) {
        self.0.retain(|place| !place.members.is_empty());
    }

    /// The number of an objective.
    pub(super) fn of(&self, id: Uuid) -> Option<u32> {
        self.0.iter().find(|place| place.id == id).map(|place| place.number)
    }

    /// The number of a key result.
    pub(super) fn of_member(&self, id: Uuid) -> Option<u32> {
        let mut members = self.0.iter().flat_map(|place| &place.members);
        members.find(|(member, _)| *member == id).map(|(_, number)| *number)
    }
}
