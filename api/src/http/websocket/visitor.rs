//! Whoever is at the other end of a socket: nobody until a token was found good, and asked about anew with each operation.
//! Holds who they are and what they pay; refuses to know what is sent.

use std::sync::Arc;

use axum::http::Method;
use tokio::time::sleep;

use super::{
    super::{
        answers::{Answers, Bill},
        door::{DOOR, Door, subject},
        places::Place,
        refusal::Refusal,
        request::{Params, Said},
    },
    closing::Closing,
};
use crate::app::{Entrant, Unauthenticated};

/// Whoever is at the other end.
pub(super) struct Visitor {
    door: Arc<Door>,
    /// The token that they are known by, from the request that became this socket or from their first message.
    token: Option<String>,
    guest: Option<Guest>,
}

/// Whoever was let in.
struct Guest {
    subject: String,
    _place: Place,
}

impl Visitor {
    pub(super) const fn new(door: Arc<Door>, token: Option<String>) -> Self {
        Self { door, token, guest: None }
    }

    /// Whether they were let in.
    pub(super) const fn is_in(&self) -> bool {
        self.guest.is_some()
    }

    /// Lets them in by the token of their first message or, where that has none, of the request.
    pub(super) async fn enter(&mut self, said: Option<String>) -> Result<(), Closing> {
        if self.is_in() {
            return Err(Closing::TOO_MANY_INITS);
        }
        self.token = said.or_else(|| self.token.take());
        let subject = subject(&self.identify().await?.identity);
        let place = self.door.sockets.take(&subject).map_err(|_| Closing::TOO_MANY_SOCKETS)?;
        self.guest = Some(Guest { subject, _place: place });
        Ok(())
    }

    /// Each message costs what a request costs at the door; whoever has too few points left is heard later.
    pub(super) async fn pay_for_hearing(&self) {
        let Some(guest) = &self.guest else { return };
        while let Err(overspent) = self.door.points.charge(&guest.subject, DOOR, 0) {
            sleep(overspent.wait).await;
        }
    }

    /// What they ask for, if they may ask at all; the inner refusal is of this operation alone.
    pub(super) async fn ask(
        &self,
        asked: Result<(Said, Params), Refusal>,
    ) -> Result<Result<Answers, Refusal>, Closing> {
        let Some(guest) = &self.guest else { return Err(Closing::UNAUTHORIZED) };
        // It may have ended since.
        let entrant = self.identify().await?;
        Ok(self.answers(entrant, guest.subject.clone(), asked).await)
    }

    async fn answers(
        &self,
        entrant: Entrant,
        subject: String,
        asked: Result<(Said, Params), Refusal>,
    ) -> Result<Answers, Refusal> {
        // A mutation is as good here as over POST: a page of another site has no token to open the socket with.
        let admitted = self.door.admit(asked?, &Method::POST)?;
        let paid = self.door.points.charge(&subject, admitted.price, DOOR)?;
        let points = Arc::clone(&self.door.points);
        let bill = Bill { points, subject, price: admitted.price, paid: Some(paid) };
        self.door.follow(entrant, admitted, bill, (self.door.request_ids)(), None).await
    }

    async fn identify(&self) -> Result<Entrant, Closing> {
        self.door.app.authenticate(self.token.as_deref()).await.map_err(|why| match why {
            Unauthenticated::Token(sentence) | Unauthenticated::Role(sentence) => Closing::forbidden(&sentence),
            Unauthenticated::Unavailable => Closing::UNAVAILABLE,
        })
    }
}
