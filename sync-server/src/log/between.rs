//! What relays carry to each other without keeping it: what a newcomer and the one who invites it say to each other when they are at
//! different relays, and that a device has taken a seat.

use super::LogName;
use async_nats::{Client, Subscriber};
use futures_util::StreamExt;
use mera_schema::{DeviceId, WorkspaceId};
use std::time::Duration;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// How long somebody is looked for at other relays.
const LOOKS: Duration = Duration::from_secs(2);

/// The line to other relays.
#[derive(Clone)]
pub struct Between {
    client: Client,
    name: LogName,
    /// This relay among the others.
    itself: String,
    stop: CancellationToken,
}

/// A frame from another relay.
pub struct Knock {
    /// Where the one who came is to be answered.
    pub answer_to: String,
    /// The frame; nothing when that one has gone.
    pub frame: Option<Vec<u8>>,
    reply: Option<async_nats::Subject>,
}

impl Between {
    pub(super) fn new(client: Client, name: LogName, stop: CancellationToken) -> Self {
        let itself = client.new_inbox();
        Self { client, name, itself, stop }
    }

    /// Hears whoever comes to a place at another relay, until the relay stops.
    pub async fn hears_at(&self, ws: WorkspaceId, place: [u8; 16]) -> Option<Subscriber> {
        let door = self.client.subscribe(self.meeting(ws, place)).await.ok()?;
        // The servers know of it when whoever waits is answered.
        self.client.flush().await.ok()?;
        Some(door)
    }

    /// The next who comes; nothing when the relay stops.
    pub async fn next(&self, door: &mut Subscriber) -> Option<Knock> {
        loop {
            let message = tokio::select! {
                message = door.next() => message?,
                () = self.stop.cancelled() => return None,
            };
            let answer_to = message.headers.as_ref().and_then(|headers| headers.get(ANSWER_TO));
            if let Some(answer_to) = answer_to.map(|place| place.as_str().to_owned()) {
                // Who has gone waits for no reply.
                let frame = message.reply.is_some().then(|| message.payload.to_vec());
                return Some(Knock { answer_to, frame, reply: message.reply });
            }
        }
    }

    /// Says to whoever carried a frame here that it was taken.
    pub async fn took(&self, knock: &Knock) {
        if let Some(reply) = knock.reply.clone() {
            self.client.publish(reply, "".into()).await.ok();
        }
    }

    /// Carries a frame to a place at another relay, from one who is answered at `answer_to`. Whether somebody took it.
    pub async fn carry(&self, (ws, place): (WorkspaceId, [u8; 16]), answer_to: &str, frame: Vec<u8>) -> bool {
        let mut headers = async_nats::HeaderMap::new();
        headers.insert(ANSWER_TO, answer_to);
        let asked = self.client.request_with_headers(self.meeting(ws, place), headers, frame.into());
        matches!(timeout(LOOKS, asked).await, Ok(Ok(_)))
    }

    /// Tells whoever waits at a place that one who came has gone.
    pub async fn leaves(&self, (ws, place): (WorkspaceId, [u8; 16]), answer_to: &str) {
        let mut headers = async_nats::HeaderMap::new();
        headers.insert(ANSWER_TO, answer_to);
        self.client.publish_with_headers(self.meeting(ws, place), headers, "".into()).await.ok();
    }

    /// A place of one's own where answers come.
    pub async fn answers(&self) -> Option<(String, Subscriber)> {
        let place = self.client.new_inbox();
        Some((place.clone(), self.client.subscribe(place).await.ok()?))
    }

    /// The next answer; nothing when the relay stops.
    pub async fn answer(&self, answers: &mut Subscriber) -> Option<Vec<u8>> {
        tokio::select! {
            message = answers.next() => message.map(|message| message.payload.to_vec()),
            () = self.stop.cancelled() => None,
        }
    }

    /// Answers one who came from another relay.
    pub async fn answer_at(&self, place: String, frame: Vec<u8>) {
        self.client.publish(place, frame.into()).await.ok();
    }

    /// Tells the other relays that a device has taken a seat here.
    pub async fn seated(&self, ws: WorkspaceId, device: DeviceId) {
        let mut headers = async_nats::HeaderMap::new();
        headers.insert(ANSWER_TO, self.itself.as_str());
        let word = [ws.uuid().into_bytes(), device.uuid().into_bytes()].concat();
        self.client.publish_with_headers(self.seats(), headers, word.into()).await.ok();
    }

    /// Hears of seats that are taken at other relays.
    pub async fn hears_of_seats(&self) -> Option<Subscriber> {
        self.client.subscribe(self.seats()).await.ok()
    }

    /// The next seat that was taken elsewhere; nothing when the relay stops.
    pub async fn seat(&self, seats: &mut Subscriber) -> Option<(WorkspaceId, DeviceId)> {
        loop {
            let message = tokio::select! {
                message = seats.next() => message?,
                () = self.stop.cancelled() => return None,
            };
            let from = message.headers.as_ref().and_then(|headers| headers.get(ANSWER_TO));
            if from.is_some_and(|from| from.as_str() == self.itself) {
                continue;
            }
            let id = |range| message.payload.get(range).and_then(|bytes: &[u8]| bytes.try_into().ok());
            if let (Some(ws), Some(device)) = (id(0..16), id(16..32)) {
                let (ws, device) = (uuid::Uuid::from_bytes(ws), uuid::Uuid::from_bytes(device));
                return Some((WorkspaceId::new(ws), DeviceId::new(device)));
            }
        }
    }

    fn meeting(&self, ws: WorkspaceId, place: [u8; 16]) -> String {
        format!("{}.meet.{ws}.{}", self.name, uuid::Uuid::from_bytes(place).simple())
    }

    fn seats(&self) -> String {
        format!("{}.seats", self.name)
    }
}

/// Where whoever sent a message is answered.
const ANSWER_TO: &str = "Mera-Answer-To";
