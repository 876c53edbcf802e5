//! Who acted: the log knows people by id, and by a commitment to their identity that the row of the person must open.
//! Holds one commitment for each person who acted; refuses to look at what they did.

use std::collections::HashMap;

use crate::{
    entry::Entry,
    finding::{Code, Finding, Findings},
    json::{self, Json},
    tree::hex,
};

/// Somebody who acted.
#[derive(Debug)]
struct Acted {
    /// The first entry that they are named by.
    first: u64,
    commitment: String,
    /// Whether an entry erased them, so that nothing is left to check it with.
    erased: bool,
}

/// Everybody who acted.
#[derive(Debug, Default)]
pub(crate) struct People(HashMap<String, Acted>);

/// The row of a person, as it is kept.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) issuer: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) name: String,
    pub(crate) salt: Option<Vec<u8>>,
}

impl Identity {
    /// SHA-256(salt ‖ canonical identity), in hexadecimal digits.
    fn commitment(&self) -> Option<String> {
        let salt = self.salt.as_ref().filter(|salt| salt.len() == 32)?;
        let text = |text: &str| Json::Text(text.to_owned().into());
        let hash = match (&self.issuer, &self.subject) {
            (Some(issuer), Some(subject)) => {
                json::salted(salt, &[("issuer", &text(issuer)), ("subject", &text(subject))])
            }
            _ => json::salted(salt, &[("name", &text(&self.name))]),
        };
        Some(hex(&hash))
    }
}

impl People {
    /// Takes note of who acted; everybody does under one commitment, and nobody once they were erased.
    pub(crate) fn observe(&mut self, entry: &Entry<'_>, findings: &mut Findings<'_>) {
        let mut broken = |what: String| findings.tell(&Finding::on(Code::PromiseBroken, entry, what));
        if let Some(person) = entry.person() {
            let commitment = entry.get("by").get("commitment").text().unwrap_or_default();
            match self.0.get(person) {
                Some(known) if known.erased => broken(format!("{person} acts after they were erased.")),
                Some(known) if known.commitment != commitment => {
                    broken(format!("{person} acts under another commitment than in entry {}.", known.first));
                }
                Some(_) => {}
                None => {
                    let acted = Acted { first: entry.seq, commitment: commitment.to_owned(), erased: false };
                    self.0.insert(person.to_owned(), acted);
                }
            }
        }
        if entry.action() == "PERSON_ERASED"
            && let Some(known) = entry.subject().and_then(|erased| self.0.get_mut(erased))
        {
            known.erased = true;
        }
    }

    /// Holds a row against the commitment; of who never acted the log commits to nothing.
    pub(crate) fn compare(&mut self, person: &str, row: impl FnOnce() -> Identity, findings: &mut Findings<'_>) {
        let Some(acted) = self.0.remove(person).filter(|acted| !acted.erased) else { return };
        if row().commitment().as_ref() != Some(&acted.commitment) {
            let what = format!(
                "the row of {person}, who acted, does not open the entry's commitment: its salt, issuer or subject is \
                 another than it was."
            );
            findings.tell(&Finding::at(Code::RowDiffers, acted.first, what));
        }
    }

    /// Says who acted and has no row.
    pub(crate) fn finish(self, findings: &mut Findings<'_>) {
        let mut gone: Vec<_> = self.0.into_iter().map(|(person, acted)| (acted.first, person)).collect();
        gone.sort_unstable();
        for (first, person) in gone {
            let what = format!("{person} acted, and there is no row of person that says who that is.");
            findings.tell(&Finding::at(Code::RowMissing, first, what));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::entry::tests::body;

    const COMMITMENT: &str = "f1cfc8d44ea2cb3a8af3ff7a0a5e6cb81b7e51cf3a9e5cbdcaa26b7a4a1f2cb3";

    fn identity() -> Identity {
        Identity {
            issuer: Some("https://sign-in".into()),
            subject: Some("planner\n".into()),
            name: "Planner".into(),
            salt: Some(vec![7; 32]),
        }
    }

    fn observed(entries: &[Value]) -> (People, Vec<String>) {
        let (mut people, mut lines) = (People::default(), Vec::new());
        let mut out = |finding: &Finding| lines.push(finding.to_string());
        let mut findings = Findings::new(&mut out);
        for members in entries {
            let bytes = body(members);
            people.observe(&Entry::read(&bytes).unwrap(), &mut findings);
        }
        (people, lines)
    }

    fn by(person: &str, commitment: &str) -> Value {
        json!({ "by": { "person": person, "commitment": commitment } })
    }

    fn compared(mut people: People, rows: Vec<(&str, Identity)>) -> Vec<String> {
        let mut lines = Vec::new();
        let mut out = |finding: &Finding| lines.push(finding.to_string());
        let mut findings = Findings::new(&mut out);
        for (person, row) in rows {
            people.compare(person, || row, &mut findings);
        }
        people.finish(&mut findings);
        lines
    }

    #[test]
    fn a_commitment_is_over_the_salt_and_the_canonical_identity() {
        use sha2::{Digest as _, Sha256};
        let over = |identity: &str| hex(&Sha256::new().chain_update([7; 32]).chain_update(identity).finalize());
        let token = over(r#"{"issuer":"https://sign-in","subject":"planner\n"}"#);
        assert_eq!(identity().commitment(), Some(token));
        let named = Identity { issuer: None, subject: None, ..identity() };
        assert_eq!(named.commitment(), Some(over(r#"{"name":"Planner"}"#)));
        for salt in [None, Some(vec![7; 31])] {
            assert_eq!(Identity { salt, ..identity() }.commitment(), None);
        }
    }

    #[test]
    fn a_row_opens_the_commitment_of_who_acted_and_any_other_is_told() {
        let sound = identity().commitment().unwrap();
        let acted = || observed(&[by("person_a", &sound), by("person_a", &sound)]).0;
        let stranger = Identity { subject: Some("stranger".into()), salt: None, ..identity() };
        assert_eq!(compared(acted(), vec![("person_a", identity()), ("person_b", stranger)]), Vec::<String>::new());
        let others = [
            Identity { subject: Some("approver".into()), ..identity() },
            Identity { issuer: Some("https://elsewhere".into()), ..identity() },
            Identity { salt: Some(vec![8; 32]), ..identity() },
            Identity { salt: None, ..identity() },
        ];
        for other in others {
            let lines = compared(acted(), vec![("person_a", other)]);
            assert!(lines[0].starts_with("row-differs: entry 0: the row of person_a, who acted,"), "{lines:?}");
        }
        let gone = compared(acted(), Vec::new());
        assert!(gone[0].starts_with("row-missing: entry 0: person_a acted, and there is no row"), "{gone:?}");
    }

    #[test]
    fn nobody_acts_under_two_commitments_or_once_erased() {
        let two = observed(&[by("person_a", COMMITMENT), by("person_a", "0")]).1;
        assert_eq!(two, ["promise-broken: entry 0: person_a acts under another commitment than in entry 0."]);
        let erased = json!({ "action": "PERSON_ERASED", "subject": { "id": "person_a", "kind": "PERSON" },
                             "by": { "person": "person_b", "commitment": COMMITMENT } });
        let (people, lines) = observed(&[by("person_a", COMMITMENT), erased.clone()]);
        assert_eq!(lines, Vec::<String>::new());
        let emptied = Identity { issuer: None, subject: None, name: String::new(), salt: None };
        let theirs = Identity { name: "x".into(), ..identity() };
        let told = compared(people, vec![("person_a", emptied), ("person_b", theirs)]);
        assert_eq!(told.len(), 1, "{told:?}");
        let back = observed(&[by("person_a", COMMITMENT), erased, by("person_a", COMMITMENT)]).1;
        assert_eq!(back, ["promise-broken: entry 0: person_a acts after they were erased."]);
    }
}
