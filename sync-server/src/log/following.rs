//! Following: messages come in the log's order and are done on the copy, those that wait together in one commit.

use super::line::{decode, silent};
use super::{Command, Inner, LogFault};
use crate::store::Step;
use async_nats::header::{HeaderMap, NATS_EXPECTED_LAST_SUBJECT_SEQUENCE};
use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::consumer::pull::{Ordered, OrderedConfig};
use async_nats::jetstream::{Message, stream::Stream};
use futures_util::StreamExt;
use mera_schema::WorkspaceId;
use std::collections::HashSet;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;

/// Messages that wait to be done; each may have 5 MiB.
const WAITING: usize = 32;
/// Messages that are fetched at one time.
const FETCHED: i64 = 64;
/// Messages that are done in one commit.
const TOGETHER: usize = 64;
/// How long is waited before the log is called again.
const PAUSE: Duration = Duration::from_millis(300);

/// A message that came.
pub(super) struct Arrived {
    step: Step,
    /// The company's message that it was written behind.
    after: u64,
    command: Command,
    /// How many messages were known to come after it.
    behind: u64,
}

/// Until the relay stops. A disk that fails, or a log that does not answer, is tried again; what cannot be followed is not.
pub(super) async fn follow(inner: Arc<Inner>) {
    while !inner.stop.is_cancelled() {
        match follow_on(&inner).await {
            Ok(()) => {}
            Err(fault @ (LogFault::SetBack { .. } | LogFault::Unfit { .. } | LogFault::Unreadable { .. })) => {
                return inner.breaks(&fault);
            }
            Err(fault) => tracing::warn!(%fault, code = fault.code(), "the log cannot be followed at the moment"),
        }
        tokio::select! {
            () = sleep(PAUSE) => {}
            () = inner.stop.cancelled() => {}
        }
    }
}

/// Goes on where the folder stopped, until something fails or the line is made anew.
async fn follow_on(inner: &Arc<Inner>) -> Result<(), LogFault> {
    let (come, coming) = mpsc::channel(WAITING);
    let (tell, done) = oneshot::channel();
    // A thread of its own: all those of the runtime may be taken by guests who wait for what is done here.
    let doer = inner.clone();
    thread::spawn(move || {
        let outcome = obey(&doer, coming);
        drop(doer);
        tell.send(outcome).ok();
    });
    let fetched = fetch(inner, &come).await;
    drop(come);
    // What came is done before it is fetched again.
    done.await.map_err(silent)??;
    fetched
}

/// Fetches what comes until the line is made anew, or breaks.
async fn fetch(inner: &Inner, come: &mpsc::Sender<Arrived>) -> Result<(), LogFault> {
    let mut made = inner.line.made.clone();
    made.borrow_and_update();
    let (ends, followed) = (inner.line.newest().await?, inner.disk.followed()?);
    if ends < followed {
        return Err(LogFault::SetBack { ends, followed });
    }
    let config = OrderedConfig { deliver_policy: from(followed + 1), max_batch: FETCHED, ..OrderedConfig::default() };
    let mut messages = consume(&inner.line.log, config).await?;
    loop {
        let message = tokio::select! {
            () = inner.stop.cancelled() => return Ok(()),
            _ = made.changed() => return Ok(()),
            () = come.closed() => return Ok(()),
            message = messages.next() => message,
        };
        let message = message.ok_or_else(|| silent("it ended"))?.map_err(silent)?;
        if come.send(read(&message)?).await.is_err() {
            return Ok(());
        }
    }
}

/// Messages of a stream, in order.
pub(super) async fn consume(stream: &Stream, config: OrderedConfig) -> Result<Ordered, LogFault> {
    stream.create_consumer(config).await.map_err(silent)?.messages().await.map_err(silent)
}

/// Those from a number on.
pub(super) fn from(start_sequence: u64) -> DeliverPolicy {
    DeliverPolicy::ByStartSequence { start_sequence }
}

/// The company whose subject this is.
pub(super) fn company_of(subject: &str) -> Option<WorkspaceId> {
    subject.split('.').nth(2)?.parse().ok()
}

fn read(message: &Message) -> Result<Arrived, LogFault> {
    let info = message.info().map_err(silent)?;
    let (number, behind) = (info.stream_sequence, info.pending);
    let parts = company_of(&message.subject).zip(message.headers.as_ref().and_then(written_after));
    let ((company, after), command) = parts.zip(decode(&message.payload)).ok_or(LogFault::Unreadable { number })?;
    Ok(Arrived { step: Step { company, number }, after, command, behind })
}

fn written_after(headers: &HeaderMap) -> Option<u64> {
    headers.get(NATS_EXPECTED_LAST_SUBJECT_SEQUENCE)?.as_str().parse().ok()
}

/// Does what comes until nothing comes any more.
fn obey(inner: &Inner, mut coming: mpsc::Receiver<Arrived>) -> Result<(), LogFault> {
    while let Some(first) = coming.blocking_recv() {
        together(inner, first, &mut coming)?;
    }
    Ok(())
}

/// Does a message, and what waits behind it, in one commit, and tells of it.
fn together(inner: &Inner, first: Arrived, coming: &mut mpsc::Receiver<Arrived>) -> Result<(), LogFault> {
    let (mut touched, mut last, mut behind, mut done) = (HashSet::new(), 0, 0, 0);
    let mut next = Some(first);
    while let Some(arrived) = next {
        touched.insert(arrived.step.company);
        (last, behind, done) = (arrived.step.number, arrived.behind, done + 1);
        inner.step(arrived)?;
        next = if done < TOGETHER { coming.try_recv().ok() } else { None };
    }
    inner.disk.hold()?;
    inner.figures.followed.inc_by(done as u64);
    inner.behind.send_replace(behind);
    inner.held.send_modify(|held| *held = last.max(*held));
    touched.into_iter().for_each(|company| (inner.announce)(company));
    Ok(())
}

impl Inner {
    /// Does one message, if it follows on what is here. Where messages before it stand in the log no more, the company is put in place
    /// as a whole first.
    fn step(&self, arrived: Arrived) -> Result<(), LogFault> {
        let Arrived { step, after, command, .. } = arrived;
        let followed = self.disk.followed_of(step.company)?;
        if step.number <= followed {
            return Ok(());
        }
        if after > followed {
            self.put_in_place(step.company, after)?;
        }
        let followed = self.disk.followed_of(step.company)?;
        if step.number > followed && after != followed {
            return Err(LogFault::Unfit { number: step.number });
        }
        Ok(self.disk.follow(step, command)?)
    }
}
