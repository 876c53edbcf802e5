//! The brief's third part: what is decided, open and out of scope, and where everything else goes; then what was said.

use holdline_domain::{meeting_boundary::InputWanted, meeting_input::Disposition};

use super::{
    Brief, Said,
    markdown::{Paper, line, prose},
};

/// The rules of the meeting in plain words, on every page.
const ELSEWHERE: [&str; 3] = [
    "A new idea is welcome: it goes to the backlog, where it promises nothing and is not lost.",
    "What would change the commitment becomes a draft of its own, to be decided in a renegotiation meeting.",
    "What is said on no open question is noted, sent to the backlog or made such a draft. It moves nothing on the roadmap.",
];

impl Brief {
    pub(super) fn write_boundary(&self, paper: &mut Paper) {
        let boundary = &self.meeting.boundary;
        paper.heading(2, "The boundary");
        paper.heading(3, "Decided");
        let decided: Vec<_> = self.decided.iter().map(|called| line(called)).collect();
        list_or(paper, &decided, "Nothing is stated as decided.");
        paper.heading(3, "Open");
        let questions = boundary.open.iter().zip(&self.asked).map(|(open, about)| {
            let about = about.as_ref().map(|about| format!(", about {}", line(about))).unwrap_or_default();
            format!("{} Wanted: {}{about}.", line(open.question.as_str()), wanted(open.wanted))
        });
        let agenda = (1..).zip(&self.agenda).map(|(number, _)| format!("Agenda item {number}, to be decided."));
        let open: Vec<_> = questions.chain(agenda).collect();
        let silent = if boundary.information_only {
            "Nothing: this is for information only."
        } else {
            "No question is stated yet."
        };
        list_or(paper, &open, silent);
        paper.heading(3, "Out of scope");
        let outside: Vec<_> = boundary.out_of_scope.iter().map(|text| line(text.as_str())).collect();
        list_or(paper, &outside, "Nothing in particular is stated.");
        paper.heading(3, "Where everything else goes");
        paper.list(&ELSEWHERE.map(str::to_owned));
    }

    pub(super) fn write_said(&self, paper: &mut Paper) {
        paper.heading(2, "What was said");
        let said: Vec<_> = self.said.iter().map(|said| self.said(said)).collect();
        list_or(paper, &said, "Nothing is recorded.");
        if self.more_said {
            paper.paragraph("More was said than this page holds.");
        }
    }

    fn said(&self, said: &Said) -> String {
        let input = &said.input;
        let asked = self.meeting.boundary.open.iter().find(|open| Some(open.id) == input.question);
        let on = asked.map(|open| format!(", on “{}”", line(open.question.as_str()))).unwrap_or_default();
        let went = match input.disposition {
            None => "waits for its disposition",
            Some(Disposition::Noted) => "noted",
            Some(Disposition::Backlog(_)) => "sent to the backlog",
            Some(Disposition::RenegotiationDraft(_)) => "made a draft of a renegotiation",
            Some(Disposition::Roadmap(_)) => "made a change of the roadmap",
        };
        let outcome = said.outcome.as_ref().map(|called| format!(": {}", line(called))).unwrap_or_default();
        format!("**{}**{on}: {}\\\n  → {went}{outcome}", self.name(input.by), prose(input.text.as_str(), 2))
    }
}

fn list_or(paper: &mut Paper, items: &[String], otherwise: &str) {
    if items.is_empty() { paper.paragraph(otherwise) } else { paper.list(items) }
}

const fn wanted(wanted: InputWanted) -> &'static str {
    match wanted {
        InputWanted::Reaction => "what you think of it",
        InputWanted::Sequencing => "in which order",
        InputWanted::Options => "which ways there are",
        InputWanted::Risks => "what could go wrong",
        InputWanted::Facts => "what is known",
    }
}
