//! A receiver of webhooks: what it was told, and how it behaves.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde_json::Value;
use tokio::net::TcpListener;

/// Something that a receiver was told.
#[derive(Debug, Clone)]
pub(crate) struct Got {
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Got {
    pub(crate) fn body(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub(crate) fn seq(&self) -> i64 {
        self.body()["data"]["seq"].as_str().unwrap().parse().unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

/// How a receiver answers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Manner {
    /// With a status and further headers.
    Says(u16, Vec<(&'static str, String)>),
    /// Not at all.
    Hangs,
    /// With a body that has no end.
    Endless,
    /// With a byte of its body every now and then.
    Drips,
}

type Manners = Arc<dyn Fn(&Got, usize) -> Manner + Send + Sync>;

/// A running receiver.
#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) url: String,
    got: Arc<Mutex<Vec<Got>>>,
    manners: Arc<Mutex<Manners>>,
}

impl Receiver {
    /// One that takes everything.
    pub(crate) async fn start() -> Self {
        Self::behaving(|_, _| Manner::Says(204, Vec::new())).await
    }

    /// One that answers as it is told: by what it got, and how many it had got before.
    pub(crate) async fn behaving(manners: impl Fn(&Got, usize) -> Manner + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let manners: Manners = Arc::new(manners);
        let receiver = Self { url, got: Arc::default(), manners: Arc::new(Mutex::new(manners)) };
        let router = Router::new().fallback(take).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        receiver
    }

    /// Behaves differently from now on.
    pub(crate) fn behave(&self, manners: impl Fn(&Got, usize) -> Manner + Send + Sync + 'static) {
        *self.manners.lock().unwrap() = Arc::new(manners);
    }

    /// What it was told so far.
    pub(crate) fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }

    /// The positions of what it was told, in the order in which that came.
    pub(crate) fn seqs(&self) -> Vec<i64> {
        self.got().iter().map(Got::seq).collect()
    }

    /// Waits until it was told so many things.
    pub(crate) async fn until(&self, count: usize) -> Vec<Got> {
        self.until_it(&format!("{count} things"), |got| got.len() >= count).await
    }

    /// Waits until what it was told is as it should be.
    pub(crate) async fn until_it(&self, what: &str, done: impl Fn(&[Got]) -> bool) -> Vec<Got> {
        for _ in 0..1_200 {
            let got = self.got();
            if done(&got) {
                return got;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the receiver waits for {what} and has {:?}", self.seqs());
    }
}

async fn take(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> Response {
    let got = Got { headers, text: String::from_utf8(body.to_vec()).unwrap() };
    let before = {
        let mut all = receiver.got.lock().unwrap();
        all.push(got.clone());
        all.len() - 1
    };
    let manners = Arc::clone(&*receiver.manners.lock().unwrap());
    answer(manners(&got, before)).await
}

async fn answer(manner: Manner) -> Response {
    let drip = |pause| {
        futures_util::stream::unfold((), move |()| async move {
            tokio::time::sleep(pause).await;
            Some((
                Ok::<_, std::convert::Infallible>(Bytes::from(vec![b'x'; if pause.is_zero() { 65_536 } else { 1 }])),
                (),
            ))
        })
    };
    match manner {
        Manner::Says(status, headers) => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            for (name, value) in headers {
                response.headers_mut().insert(name, value.parse().unwrap());
            }
            response
        }
        Manner::Hangs => std::future::pending().await,
        Manner::Endless => Response::new(Body::from_stream(drip(Duration::ZERO))),
        Manner::Drips => Response::new(Body::from_stream(drip(Duration::from_secs(1)))),
    }
}
