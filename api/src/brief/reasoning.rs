//! The brief's second part: why this plan, why the decided is not reopened, and why a change of it is proposed.

use holdline_domain::{
    commitment::Commitment,
    commitment_change::{CommitmentChange, apply},
    ids::ObjectiveId,
    key_result::KeyResultTerms,
    objective::ObjectiveTerms,
    quantity::Quantity,
    renegotiation::Record,
    text::Prose,
};

use super::{
    Brief,
    markdown::{Paper, line, prose},
    plan::way,
};

impl Brief {
    pub(super) fn write_reasoning(&self, paper: &mut Paper) {
        paper.heading(2, "The reasoning");
        let objectives = self.plan.iter().flat_map(|plan| &plan.commitment.objectives);
        let why = objectives.map(|objective| {
            let terms = &objective.terms;
            format!("**{}**: {}", line(terms.title.as_str()), prose(terms.rationale.as_str(), 2))
        });
        let why: Vec<_> = why.collect();
        let held: Vec<_> = self
            .meeting
            .boundary
            .decided
            .iter()
            .zip(&self.decided)
            .map(|(decided, called)| format!("**{}**: {}", line(called), prose(decided.why.as_str(), 2)))
            .collect();
        if why.is_empty() && held.is_empty() && self.agenda.is_empty() {
            paper.paragraph("None is stated.");
        }
        for (heading, items) in [("Why this plan", why), ("Why it is not reopened", held)] {
            if !items.is_empty() {
                paper.heading(3, heading);
                paper.list(&items);
            }
        }
        for (number, (record, base)) in (1..).zip(&self.agenda) {
            self.write_proposal(paper, number, record, base);
        }
    }

    fn write_proposal(&self, paper: &mut Paper, number: u32, record: &Record, base: &Commitment) {
        let terms = &record.terms;
        paper.heading(3, &format!("Agenda item {number}: a proposed change of the plan"));
        let said = |text: &Option<Prose>| text.as_ref().map_or("not stated".to_owned(), |text| prose(text.as_str(), 2));
        paper.list(&[
            format!("What happened: {}", said(&terms.trigger)),
            format!("Why the commitment should change: {}", said(&terms.reason)),
            format!("What gives way: {}", said(&terms.trade_off)),
            format!("To be decided before {}", self.moment(terms.decide_by)),
        ]);
        if terms.changes.is_empty() {
            return paper.paragraph("It names no change yet.");
        }
        let after = apply(base, &terms.changes);
        let load = if base.load() == after.load() {
            String::new()
        } else {
            format!(", and the load goes from {} to {}", amount(base.load()), amount(after.load()))
        };
        paper.paragraph(&format!("Exactly this changes, on revision {}{load}:", terms.base_revision));
        let changes = terms.changes.iter().map(|change| self.change(change, base, &after));
        paper.list(&changes.collect::<Vec<_>>());
    }

    fn change(&self, change: &CommitmentChange, base: &Commitment, after: &Commitment) -> String {
        let under = |id: &ObjectiveId| {
            let found = base.objective(*id).or_else(|| after.objective(*id));
            found.map_or_else(|| id.to_string(), |objective| bold(objective.terms.title.as_str()))
        };
        let because =
            |why: &Option<Prose>| why.as_ref().map(|why| format!(": {}", prose(why.as_str(), 2))).unwrap_or_default();
        match change {
            CommitmentChange::ObjectiveAdded { terms, .. } => {
                let load = terms.load.map(|load| format!(", load {load}")).unwrap_or_default();
                let (title, owner) = (bold(terms.title.as_str()), self.name(terms.owner));
                format!("Add the objective {title} (owner {owner}{load}): {}", prose(terms.rationale.as_str(), 2))
            }
            CommitmentChange::ObjectiveAmended { from, to, .. } => {
                format!("Amend the objective {}: {}", bold(from.title.as_str()), self.objective_differs(from, to))
            }
            CommitmentChange::ObjectiveDropped { terms, why, .. } => {
                format!("Drop the objective {}{}", bold(terms.title.as_str()), because(why))
            }
            CommitmentChange::KeyResultAdded { objective, terms, .. } => {
                let (title, owner) = (bold(terms.title.as_str()), self.name(terms.owner));
                format!("Add the key result {title} to {}: {}, owner {owner}", under(objective), way(&terms.measure))
            }
            CommitmentChange::KeyResultAmended { objective, from, to, .. } => {
                let (title, differs) = (bold(from.title.as_str()), self.key_result_differs(from, to));
                format!("Amend the key result {title} of {}: {differs}", under(objective))
            }
            CommitmentChange::KeyResultDropped { objective, terms, why, .. } => {
                format!("Drop the key result {} of {}{}", bold(terms.title.as_str()), under(objective), because(why))
            }
            CommitmentChange::CapacityChanged { from, to } => {
                format!("Change the capacity from {} to {}", amount(*from), amount(*to))
            }
        }
    }

    fn objective_differs(&self, from: &ObjectiveTerms, to: &ObjectiveTerms) -> String {
        let differs = [
            (from.title != to.title).then(|| format!("its title becomes {}", bold(to.title.as_str()))),
            (from.rationale != to.rationale)
                .then(|| format!("its rationale becomes: {}", prose(to.rationale.as_str(), 2))),
            (from.owner != to.owner)
                .then(|| format!("its owner goes from {} to {}", self.name(from.owner), self.name(to.owner))),
            (from.load != to.load).then(|| format!("its load goes from {} to {}", amount(from.load), amount(to.load))),
            (from.contributes_to != to.contributes_to).then(|| "it contributes to another objective".to_owned()),
        ];
        differs.into_iter().flatten().collect::<Vec<_>>().join("; ")
    }

    fn key_result_differs(&self, from: &KeyResultTerms, to: &KeyResultTerms) -> String {
        let differs = [
            (from.title != to.title).then(|| format!("its title becomes {}", bold(to.title.as_str()))),
            (from.owner != to.owner)
                .then(|| format!("its owner goes from {} to {}", self.name(from.owner), self.name(to.owner))),
            (from.measure != to.measure)
                .then(|| format!("its measure goes from {} to {}", way(&from.measure), way(&to.measure))),
        ];
        differs.into_iter().flatten().collect::<Vec<_>>().join("; ")
    }
}

fn bold(title: &str) -> String {
    format!("**{}**", line(title))
}

fn amount(amount: Option<Quantity>) -> String {
    amount.map_or("none".to_owned(), |amount| amount.to_string())
}
