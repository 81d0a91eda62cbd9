//! Sweeping: what was erased, or let go of at a checkpoint, may stand in the log no more. A relay writes the company as a whole and
//! then takes away, and has overwritten, every message that is in it. Whoever comes later begins with the whole. The company's newest
//! message always stays: what is written next is written behind it.

use super::following::{consume, from};
use super::line::{NotAppended, silent};
use super::{Inner, Line, LogFault};
use crate::store::{Row, StoreFault};
use async_nats::header::HeaderMap;
use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::consumer::pull::OrderedConfig;
use async_nats::jetstream::message::{PublishMessage, StreamMessage};
use async_nats::jetstream::stream::Stream;
use futures_util::{StreamExt, TryStreamExt};
use mera_disk::bytes_of;
use mera_schema::WorkspaceId;
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

/// Bytes of rows after which a part of a whole is full.
const PART: usize = 1 << 20;
/// Messages that are taken away at one time.
const AT_A_TIME: usize = 32;
/// How many times it is looked before a relay sweeps up what another one wrote.
const PATIENCE: u32 = 3;
/// In a part: where the one before it that ended a whole stands; 0 where there is none.
const FORMER: &str = "Mera-Former";
/// In a whole's last part: the company's newest message in it, and where its first part stands.
const UP_TO: &str = "Mera-Up-To";
const FIRST: &str = "Mera-First";

/// Who sweeps.
#[derive(Default)]
pub(super) struct Sweeping {
    /// Companies of which this relay wrote what makes it necessary.
    mine: Mutex<HashSet<WorkspaceId>>,
    /// How often each of the others was seen to wait.
    seen: Mutex<HashMap<WorkspaceId, u32>>,
}

impl Sweeping {
    /// This relay wrote what makes it necessary.
    pub fn is_mine(&self, ws: WorkspaceId) {
        self.mine.lock().unwrap_or_else(PoisonError::into_inner).insert(ws);
    }

    fn is_due(&self, ws: WorkspaceId) -> bool {
        if self.mine.lock().unwrap_or_else(PoisonError::into_inner).contains(&ws) {
            return true;
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let times = seen.entry(ws).or_default();
        *times += 1;
        *times > PATIENCE
    }

    fn is_done(&self, ws: WorkspaceId) {
        self.mine.lock().unwrap_or_else(PoisonError::into_inner).remove(&ws);
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).remove(&ws);
    }
}

/// A company as a whole, as it stands in the log.
#[derive(Debug, Clone, Copy)]
struct Whole {
    /// The company's newest message in it.
    up_to: u64,
    /// Its first part.
    first: u64,
    /// Its last part.
    last: u64,
}

impl Whole {
    /// What a part says, if it ends a whole.
    fn ended_by(part: &StreamMessage) -> Option<Self> {
        Some(Self { up_to: told(&part.headers, UP_TO)?, first: told(&part.headers, FIRST)?, last: part.sequence })
    }
}

fn told(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.as_str().parse().ok()
}

impl Inner {
    /// Takes out of the log what need not stand there any more.
    pub fn sweep(&self) -> Result<(), LogFault> {
        for (ws, number) in self.disk.to_sweep()? {
            match self.sweep_one(ws, number) {
                Ok(true) => {
                    self.disk.swept(ws, number)?;
                    self.sweeping.is_done(ws);
                }
                Ok(false) => {}
                Err(fault) => tracing::warn!(%fault, "the log could not be swept; it is tried again"),
            }
        }
        Ok(())
    }

    /// Whether a company's messages before one are gone, and those of former wholes.
    fn sweep_one(&self, ws: WorkspaceId, number: u64) -> Result<bool, LogFault> {
        let (whole, newest) = self.runtime.block_on(self.line.whole(ws))?;
        let whole = match whole.filter(|whole| whole.up_to >= number) {
            Some(whole) => whole,
            None if !self.sweeping.is_due(ws) => return Ok(false),
            None => match self.write_whole(ws, (whole, newest))? {
                Some(written) if written.up_to >= number => written,
                // Another relay writes it now.
                _ => return Ok(false),
            },
        };
        self.runtime.block_on(async {
            self.line.take_away(&self.line.log, &self.line.log_of(ws), whole.up_to).await?;
            self.line.take_away(&self.line.wholes, &self.line.whole_of(ws), whole.first).await
        })?;
        tracing::info!("the log was swept after an erasure or a checkpoint");
        Ok(true)
    }

    /// Writes a company as a whole behind what stands there; nothing where another relay does so.
    fn write_whole(
        &self,
        ws: WorkspaceId,
        (former, mut behind): (Option<Whole>, u64),
    ) -> Result<Option<Whole>, LogFault> {
        let (mut part, mut bytes, mut first) = (Vec::<Row>::new(), 0, None::<u64>);
        let former = former.map_or(0, |whole| whole.last);
        let mut put = |rows: &mut Vec<Row>, end: Option<u64>| -> Result<u64, Cut> {
            let mut message = PublishMessage::build().header(FORMER, former.to_string().as_str());
            if let Some(up_to) = end {
                message = message.header(UP_TO, up_to.to_string().as_str());
                message = message.header(FIRST, first.unwrap_or_default().to_string().as_str());
            }
            let message = message.payload(bytes_of(&std::mem::take(rows)).into());
            behind =
                self.runtime.block_on(self.line.put(self.line.whole_of(ws), behind, message)).map_err(Cut::Short)?;
            first.get_or_insert(behind);
            Ok(behind)
        };
        let written = self.disk.whole(ws, |row| {
            let weight = row.1.len() + row.2.len() + 32;
            if !part.is_empty() && bytes + weight > PART {
                put(&mut part, None)?;
                bytes = 0;
            }
            bytes += weight;
            part.push(row);
            Ok::<_, Cut>(())
        });
        // The last part says where the first stands, and so is one of its own.
        let ended = written.and_then(|up_to| {
            put(&mut part, None)?;
            put(&mut Vec::new(), Some(up_to)).map(|last| (up_to, last))
        });
        match ended {
            Ok((up_to, last)) => Ok(Some(Whole { up_to, first: first.unwrap_or(last), last })),
            Err(Cut::Short(NotAppended::Outrun)) => Ok(None),
            Err(Cut::Short(cause)) => Err(silent(format!("{cause:?}"))),
            Err(Cut::Disk(fault)) => Err(fault.into()),
        }
    }

    /// Puts a company in place as it stands in the log as a whole, which must reach up to a message.
    pub fn put_in_place(&self, ws: WorkspaceId, up_to: u64) -> Result<(), LogFault> {
        let Some(whole) = self.runtime.block_on(self.line.whole(ws))?.0.filter(|whole| whole.up_to >= up_to) else {
            return Err(LogFault::Unfit { number: up_to });
        };
        let config = OrderedConfig {
            filter_subject: self.line.whole_of(ws),
            deliver_policy: from(whole.first),
            max_batch: 8,
            ..OrderedConfig::default()
        };
        let mut parts = self.runtime.block_on(consume(&self.line.wholes, config))?;
        let (mut rows, mut ended) = (Vec::new().into_iter(), false);
        let rows = std::iter::from_fn(|| {
            loop {
                if let Some(row) = rows.next() {
                    return Some(Ok(row));
                }
                if ended {
                    return None;
                }
                match self.runtime.block_on(next_part(&mut parts, whole.last)) {
                    Ok((part, last)) => (rows, ended) = (part.into_iter(), last),
                    Err(fault) => return Some(Err(fault)),
                }
            }
        });
        self.disk.install((ws, whole.up_to), rows)?;
        tracing::info!("a company was put in place as a whole");
        Ok(())
    }
}

/// Why a whole was not written to its end.
enum Cut {
    Short(NotAppended),
    Disk(StoreFault),
}

impl From<StoreFault> for Cut {
    fn from(fault: StoreFault) -> Self {
        Self::Disk(fault)
    }
}

/// The rows of the next part, and whether it is the last.
async fn next_part(
    parts: &mut async_nats::jetstream::consumer::pull::Ordered,
    last: u64,
) -> Result<(Vec<Row>, bool), LogFault> {
    let part = parts.next().await.ok_or_else(|| silent("it ended within a whole"))?.map_err(silent)?;
    let number = part.info().map_err(silent)?.stream_sequence;
    let rows = postcard::from_bytes(&part.payload).map_err(|_| LogFault::Unreadable { number })?;
    if number > last {
        return Err(LogFault::Unreadable { number });
    }
    Ok((rows, number == last))
}

impl Line {
    /// The newest whole of a company that was written to its end, and where the newest part of any stands.
    async fn whole(&self, ws: WorkspaceId) -> Result<(Option<Whole>, u64), LogFault> {
        let Some(newest) = self.newest_on(&self.wholes, &self.whole_of(ws)).await? else { return Ok((None, 0)) };
        if let Some(whole) = Whole::ended_by(&newest) {
            return Ok((Some(whole), newest.sequence));
        }
        let former = match told(&newest.headers, FORMER) {
            None | Some(0) => None,
            Some(former) => Whole::ended_by(&self.wholes.get_raw_message(former).await.map_err(silent)?),
        };
        Ok((former, newest.sequence))
    }

    /// Takes away a subject's messages before one, and has what they said overwritten.
    async fn take_away(&self, stream: &Stream, subject: &str, before: u64) -> Result<(), LogFault> {
        let config = OrderedConfig {
            filter_subject: subject.to_owned(),
            deliver_policy: DeliverPolicy::All,
            headers_only: true,
            ..OrderedConfig::default()
        };
        let mut messages = consume(stream, config).await?;
        let mut old = Vec::new();
        loop {
            let message = messages.next().await.ok_or_else(|| silent("it ended"))?.map_err(silent)?;
            let info = message.info().map_err(silent)?;
            if info.stream_sequence < before {
                old.push(info.stream_sequence);
            }
            if info.stream_sequence >= before || info.pending == 0 {
                break;
            }
        }
        let away = old.into_iter().map(|number| async move { stream.delete_message(number).await.map_err(silent) });
        futures_util::stream::iter(away).buffer_unordered(AT_A_TIME).try_for_each(|_| async { Ok(()) }).await
    }

    /// Lets every company of the log call the roll. Says of how many.
    pub async fn call_every_roll(&self) -> Result<usize, LogFault> {
        let subjects = self.log.info_with_subjects(format!("{}.log.*", self.place.name)).await.map_err(silent)?;
        let subjects: Vec<_> = subjects.map_ok(|(subject, _)| subject).try_collect().await.map_err(silent)?;
        for subject in &subjects {
            let Some(ws) = super::following::company_of(subject) else { continue };
            let newest = self.newest_on(&self.log, subject).await?.map_or(0, |message| message.sequence);
            let said = self.append(ws, newest, &super::Command::LostTime).await;
            said.map_err(|cause| silent(format!("{cause:?}; is a relay running?")))?;
        }
        Ok(subjects.len())
    }
}
