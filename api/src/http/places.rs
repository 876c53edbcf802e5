//! How many of something each subject has open: a place is taken, and given back when what holds it ends.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::refusal::Refusal;

/// The places of every subject.
#[derive(Debug)]
pub(super) struct Places {
    /// What is counted, in the plural.
    what: &'static str,
    most: usize,
    taken: Arc<Mutex<HashMap<String, usize>>>,
}

/// A subject's place, given back when it is let go of.
#[derive(Debug)]
pub(super) struct Place {
    subject: String,
    taken: Arc<Mutex<HashMap<String, usize>>>,
}

impl Places {
    pub(super) fn new(what: &'static str, most: usize) -> Self {
        Self { what, most, taken: Arc::default() }
    }

    /// One more place of somebody.
    pub(super) fn take(&self, subject: &str) -> Result<Place, Refusal> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let open = taken.entry(subject.to_owned()).or_default();
        if *open >= self.most {
            let what = self.what;
            return Err(Refusal::limited(&format!(
                "{open} {what} are open for this subject, which is the most. Close one, or ask for more in one of them."
            )));
        }
        *open += 1;
        Ok(Place { subject: subject.to_owned(), taken: Arc::clone(&self.taken) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = taken.get_mut(&self.subject) {
            *open -= 1;
            if *open == 0 {
                taken.remove(&self.subject);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_has_so_many_places_and_gets_each_back() {
        let places = Places::new("streams", 2);
        let (first, _second) = (places.take("a").unwrap(), places.take("a").unwrap());

        assert!(places.take("a").unwrap_err().errors[0].message.starts_with("2 streams are open"));
        assert!(places.take("b").is_ok());
        drop(first);
        assert!(places.take("a").is_ok());
        assert_eq!(places.taken.lock().unwrap().len(), 1);
    }
}
