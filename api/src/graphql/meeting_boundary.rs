//! The boundary of a meeting in the API: what is decided, what is open, what is out of scope.
//! How an input states one is in `meeting_preparation`; its rules are the domain's.

use async_graphql::{Context, Enum, ID, Object, SimpleObject, Union};
use futures_util::future::try_join_all;
use holdline_domain::{ids::OpenQuestionId, meeting_boundary as boundary};

use super::{
    fault::Fault,
    ids::Pin,
    key_result::{self, KeyResult},
    meeting::{Meeting, load_maybe},
    objective::{self, Objective},
    roadmap::{self, RoadmapItem},
    session::session,
};

/// Which input a question wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "boundary::InputWanted")]
pub(super) enum InputWanted {
    /// What people think of it.
    Reaction,
    /// In which order.
    Sequencing,
    /// Which ways there are.
    Options,
    /// What could go wrong.
    Risks,
    /// What is known.
    Facts,
}

/// The boundary of a meeting.
#[derive(SimpleObject)]
pub(super) struct Boundary {
    /// What is decided and not reopened, and why.
    decided: Vec<DecidedSubject>,
    /// What is open, and which input is wanted.
    open: Vec<OpenQuestion>,
    /// What is out of scope.
    out_of_scope: Vec<String>,
    /// Whether it is for information only.
    information_only: bool,
}

/// A subject that is not reopened.
#[derive(SimpleObject)]
struct DecidedSubject {
    /// What is decided.
    subject: BoundarySubject,
    /// Why it is not reopened.
    why: String,
}

/// What a boundary line is about.
#[derive(Union)]
pub(super) enum BoundarySubject {
    Objective(Objective),
    KeyResult(KeyResult),
    RoadmapItem(RoadmapItem),
    FreeText(FreeText),
}

/// A subject in words.
#[derive(SimpleObject)]
pub(super) struct FreeText {
    /// The words.
    text: String,
}

/// An open question.
pub(super) struct OpenQuestion(boundary::OpenQuestion);

/// A question that a meeting holds open.
#[Object]
impl OpenQuestion {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }
    /// The specific question.
    async fn question(&self) -> &str {
        self.0.question.as_str()
    }
    /// Which input it wants.
    async fn wanted(&self) -> InputWanted {
        self.0.wanted.into()
    }
    /// What it is about.
    async fn subject(&self, ctx: &Context<'_>) -> Result<Option<BoundarySubject>, Fault> {
        match &self.0.subject {
            Some(subject) => BoundarySubject::load(ctx, subject).await.map(Some),
            None => Ok(None),
        }
    }
}

impl OpenQuestion {
    /// The open question of an id.
    pub(super) async fn lookup(ctx: &Context<'_>, id: uuid::Uuid) -> Result<Option<Self>, Fault> {
        let meeting = session(ctx).reader().meeting_of_question(id).await?;
        let Some(meeting) = load_maybe(ctx, meeting).await? else { return Ok(None) };
        Ok(Self::of(&meeting, id.into()))
    }

    /// The open question of a meeting.
    pub(super) fn of(meeting: &Meeting, id: OpenQuestionId) -> Option<Self> {
        let open = &meeting.meeting().boundary.open;
        open.iter().find(|question| question.id == id).cloned().map(Self)
    }
}

impl Boundary {
    pub(super) async fn load(ctx: &Context<'_>, said: &boundary::Boundary) -> Result<Self, Fault> {
        let one = async |decided: &boundary::DecidedSubject| {
            let subject = BoundarySubject::load(ctx, &decided.subject).await?;
            Ok::<_, Fault>(DecidedSubject { subject, why: decided.why.to_string() })
        };
        let decided = try_join_all(said.decided.iter().map(one)).await?;
        Ok(Self {
            decided,
            open: said.open.iter().cloned().map(OpenQuestion).collect(),
            out_of_scope: said.out_of_scope.iter().map(ToString::to_string).collect(),
            information_only: said.information_only,
        })
    }
}

impl BoundarySubject {
    /// What it is called.
    pub(super) fn called(&self) -> Result<String, Fault> {
        Ok(match self {
            Self::Objective(objective) => objective.terms()?.title.to_string(),
            Self::KeyResult(key_result) => key_result.terms()?.title.to_string(),
            Self::RoadmapItem(item) => item.item.content.title.to_string(),
            Self::FreeText(text) => text.text.clone(),
        })
    }

    /// A subject that the token cannot see any more, or whose draft was removed, is shown as its id.
    pub(super) async fn load(ctx: &Context<'_>, subject: &boundary::BoundarySubject) -> Result<Self, Fault> {
        Ok(match subject {
            boundary::BoundarySubject::Objective(id) => match objective::lookup(ctx, *id, Pin::Live).await? {
                Some(objective) => Self::Objective(objective),
                None => Self::FreeText(FreeText { text: id.to_string() }),
            },
            boundary::BoundarySubject::KeyResult { id, .. } => match key_result::lookup(ctx, *id, Pin::Live).await? {
                Some(key_result) => Self::KeyResult(key_result),
                None => Self::FreeText(FreeText { text: id.to_string() }),
            },
            boundary::BoundarySubject::RoadmapItem(id) => match roadmap::load(ctx, *id, None).await? {
                Some(item) => Self::RoadmapItem(item),
                None => Self::FreeText(FreeText { text: id.to_string() }),
            },
            boundary::BoundarySubject::Text(text) => Self::FreeText(FreeText { text: text.to_string() }),
        })
    }
}
