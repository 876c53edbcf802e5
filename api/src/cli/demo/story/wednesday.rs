//! Wednesday's status check: its boundary is stated, it is open, and two customers ask for more. What they ask for goes
//! to the backlog with both deals behind it; a second ask still waits for its place, so the meeting cannot close.

use holdline_domain::{
    customer_request::RequestPost,
    deal::{DealKey, DealPost, DealStatus, DealTerms},
    idea::IdeaTerms,
    ids::{IdeaId, MeetingId, MeetingInputId},
    meeting::{Ask, MeetingKind},
    meeting_boundary::InputWanted,
    meeting_input::Disposition,
    money::{Currency, Money},
    permission::Role,
};

use super::{Committed, Telling, line, prose, quantity, untold};
use crate::{
    cli::stop::Stop,
    service::{BoundaryRef, DecidedRef, InputRecord, PersonRef, QuestionRef, SubjectRef, Way},
};

/// The CRM's id, the account, and what the deal is worth in euros.
const DEALS: [(&str, &str, &str); 2] = [("1041", "Customer A", "180000"), ("1077", "Customer B", "95000")];

/// What Wednesday left behind.
pub(super) struct Wednesday {
    pub(super) meeting: MeetingId,
    /// What was asked for, in the backlog.
    pub(super) idea: IdeaId,
    /// The second ask, which has no place yet.
    pub(super) waiting: MeetingInputId,
}

impl Telling<'_> {
    /// Its boundary says by itself that the committed objectives are decided.
    pub(super) async fn hold_status_check(&self, committed: &Committed) -> Result<Wednesday, Stop> {
        let service = self.app.service();
        let asks = [(Role::Planner, Ask::Inform), (Role::Contributor, Ask::Input), (Role::Viewer, Ask::Inform)];
        let title = "Payments: where the quarter stands";
        let boundary = status_boundary(committed)?;
        let meeting = self.prepare(MeetingKind::Status, title, &asks, boundary, Vec::new()).await?;
        service.meeting_open(&self.planner, meeting, None).await?;
        let quick = "Quick thought: should we move the reporting work up? Two enterprise deals are asking.";
        let ask = self.said(meeting, quick).await?;
        let idea = self.to_the_backlog(ask).await?;
        let waiting = self.said(meeting, "And could the reports come by mail?").await?;
        Ok(Wednesday { meeting, idea, waiting })
    }

    async fn said(&self, meeting: MeetingId, words: &str) -> Result<MeetingInputId, Stop> {
        let by = PersonRef::Name(line("Head of sales")?);
        let record = InputRecord { id: None, meeting, by, text: prose(words)?, question: None };
        Ok(self.app.service().meeting_input_record(&self.contributor, record).await?)
    }

    async fn to_the_backlog(&self, ask: MeetingInputId) -> Result<IdeaId, Stop> {
        let terms = IdeaTerms {
            title: line("Reports by cost centre")?,
            body: Some(prose("What each cost centre was paid and refunded, by month.")?),
            external: None,
            impact: None,
            effort: None,
        };
        let asking = DEALS.into_iter().map(request).collect::<Result<_, Stop>>()?;
        self.app.service().meeting_input_dispose(&self.contributor, ask, Way::NewIdea(terms, asking)).await?;
        let reader = self.app.reader(self.planner.actor.teams.clone());
        match reader.meeting_input(ask).await?.and_then(|stored| stored.input.disposition) {
            Some(Disposition::Backlog(idea)) => Ok(idea),
            _ => Err(untold()),
        }
    }
}

fn status_boundary(committed: &Committed) -> Result<BoundaryRef, Stop> {
    let refunds = *committed.key_results.get(2).ok_or_else(untold)?;
    let question = QuestionRef {
        question: line("What keeps buyers from starting a refund themselves?")?,
        wanted: InputWanted::Facts,
        subject: None,
    };
    let why = prose("Seven in ten was committed; how to get there is what we ask about.")?;
    Ok(BoundaryRef {
        decided: vec![DecidedRef { subject: SubjectRef::KeyResult(refunds), why }],
        open: vec![question],
        out_of_scope: vec![line("Prices of the next year")?],
        information_only: false,
    })
}

fn request((id, account, worth): (&str, &str, &str)) -> Result<RequestPost, Stop> {
    let currency = Currency::parse("EUR").map_err(Stop::new)?;
    let terms = DealTerms {
        url: None,
        account: Some(line(account)?),
        stage: Some(line("negotiation")?),
        status: DealStatus::Open,
        amount: Some(Money::new(quantity(worth)?, currency).map_err(Stop::new)?),
        opened_on: None,
        closed_on: None,
    };
    let key = DealKey { system: line("crm")?, external_id: line(id)? };
    let deal = DealPost { key, terms, contact: None, source_updated_at: None };
    let note = Some(prose("They sign only with reports by cost centre.")?);
    Ok(RequestPost { deal: Some(deal), account: None, note })
}
