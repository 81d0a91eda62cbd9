//! What people were promised: every edit that a device answered with "done". In the end all of it must be there, once.

use crate::people::whereabouts;
use mera_device::Engine;
use mera_device_api::{Answer, CallRow, ClashRow, HistoryRow, Reply, Request};
use mera_schema::{AnyRecord, CallState, DeviceId, FieldPath, Heads, ItemId, Place, Quote, RecordKind, RecordRef};
use mera_sync_protocol::Replica;
use mera_trust::Act;
use std::collections::{BTreeMap, BTreeSet};

/// What an edit did.
#[derive(Debug, Clone)]
pub enum What {
    /// A quote was made.
    Created,
    /// A line was added to it.
    Line(ItemId),
    /// A field got a value that nobody else gives.
    Value(FieldPath, String),
    /// A clash was settled with one of its values.
    Settled(FieldPath, String),
    /// A word that nobody else writes was written behind the notes.
    Word(String),
    /// A line was removed.
    Removed(FieldPath),
    /// The quote went a step further.
    Stage(&'static str),
}

impl What {
    /// The line that was edited.
    pub fn item(&self) -> Option<ItemId> {
        let (Self::Value(path, _) | Self::Settled(path, _) | Self::Removed(path)) = self else { return None };
        if let Place::Item { item, .. } = path.place { Some(item) } else { None }
    }
}

/// An edit that a person was told is saved.
#[derive(Debug, Clone)]
pub struct Promise {
    pub by: mera_schema::DeviceId,
    /// The entry that holds it.
    pub seq: u64,
    pub quote: RecordRef,
    pub what: What,
}

/// All promises.
#[derive(Default)]
pub struct Model {
    pub promises: Vec<Promise>,
    /// Quotes to which somebody wanted to add a line, or of which it is not known, when the power failed: the line may be
    /// there or not. Nobody was promised it.
    pub in_doubt: Vec<Option<RecordRef>>,
    /// Lines that somebody wanted to edit when the power failed: who edits a line says that there is one.
    pub edited_in_doubt: BTreeSet<ItemId>,
}

impl Model {
    /// Everything promised is on this device, and nothing is there twice. `away` says of an entry of somebody who was taken out
    /// that only others who were taken out still have it.
    pub fn check(&self, engine: &mut Engine, away: impl Fn(DeviceId, u64) -> bool) {
        let until = counts_until(engine);
        let counts = |promise: &&Promise| {
            until.get(&promise.by).is_none_or(|last| promise.seq <= *last && !away(promise.by, promise.seq))
        };
        let mut quotes: BTreeMap<RecordRef, Vec<&Promise>> = BTreeMap::new();
        for promise in self.promises.iter().filter(counts) {
            quotes.entry(promise.quote).or_default().push(promise);
        }
        let rows = list(engine);
        let doubtful = self.in_doubt.iter().filter(|quote| quote.is_none()).count();
        let more = rows.keys().filter(|quote| !quotes.contains_key(quote)).count();
        assert!(quotes.keys().all(|quote| rows.contains_key(quote)), "every quote");
        assert!(more <= doubtful, "{more} quotes that nobody made, {doubtful} in doubt");
        // Of a quote whose making counts no more there is what others wrote in it, and no number.
        let numbers: Vec<&String> = rows.values().filter(|number| !number.is_empty()).collect();
        assert_eq!(numbers.iter().collect::<BTreeSet<_>>().len(), numbers.len(), "no number was given twice: {rows:?}");
        for (record, promises) in quotes {
            // Of whoever was taken out before they could write it again, what they had built on what counts no more waits to be judged (decision 73).
            let waits =
                |by: &mera_schema::DeviceId| until.contains_key(by) && engine.waits_for_void(record, *by).unwrap();
            let waiting: BTreeSet<_> = promises.iter().map(|promise| promise.by).filter(waits).collect();
            let doubtful = self.in_doubt.iter().filter(|quote| **quote == Some(record)).count();
            check_quote(engine, record, (&promises, &waiting), (doubtful, &self.edited_in_doubt));
        }
    }
}

/// The last entry that counts of each device that was taken out.
fn counts_until(engine: &Engine) -> BTreeMap<mera_schema::DeviceId, u64> {
    let chain = engine.statements(0, usize::MAX).unwrap();
    let revoked = chain.iter().filter(|signed| matches!(signed.statement.act, Act::Revoke { .. }));
    revoked.flat_map(|signed| signed.counts_until()).collect()
}

fn check_quote(
    engine: &mut Engine,
    record: RecordRef,
    (promises, waiting): (&[&Promise], &BTreeSet<mera_schema::DeviceId>),
    (doubtful, edited_in_doubt): (usize, &BTreeSet<ItemId>),
) {
    let quote = quote_at(engine, record, None);
    let history = history(engine, record);
    let lines: BTreeMap<ItemId, &Promise> =
        promises.iter().filter_map(|p| if let What::Line(line) = p.what { Some((line, *p)) } else { None }).collect();
    let seen = |promise: &&&Promise| !waiting.contains(&promise.by);
    let lost = lines.iter().filter(|(_, by)| seen(by)).find(|(line, _)| !quote.lines.contains_key(line));
    assert!(lost.is_none(), "every line: {lost:?}; of the chain {:?} hold", counts_until(engine));
    // Whoever edits a line says that there is one, also where the adding of it counts no more.
    let edited = promises.iter().filter_map(|promise| promise.what.item());
    let known: BTreeSet<ItemId> = lines.keys().chain(edited_in_doubt).copied().chain(edited).collect();
    assert!(quote.lines.len() <= known.len() + doubtful, "{} lines, {doubtful} in doubt", quote.lines.len());
    for promise in promises.iter().filter(seen) {
        match &promise.what {
            What::Created | What::Line(_) => {}
            What::Value(path, value) => tells(&history, promise, path, value),
            What::Removed(path) => tells(&history, promise, path, "removed"),
            What::Stage(stage) => tells(&history, promise, &FieldPath::root("stage"), stage),
            // Where the other value was said by somebody whose work counts no more there is nothing left to settle.
            What::Settled(path, value) if !has_another(&history, path, value) => {}
            What::Settled(path, value) => tells(&history, promise, path, value),
            What::Word(word) => {
                assert_eq!(quote.notes.0.matches(word.as_str()).count(), 1, "{promise:?}: {}", quote.notes.0);
            }
        }
    }
}

/// The history tells another value of the field than this one.
fn has_another(history: &[HistoryRow], path: &FieldPath, value: &str) -> bool {
    let mut told = history.iter().flat_map(|row| &row.fields).filter(|(changed, ..)| changed == path);
    told.any(|(_, _, after)| after.as_deref() != Some(value))
}

/// The history tells that this device gave the field this value.
fn tells(history: &[HistoryRow], promise: &Promise, path: &FieldPath, value: &str) {
    let found = history
        .iter()
        .filter(|row| row.by.device == promise.by)
        .any(|row| row.fields.iter().any(|(changed, _, after)| changed == path && after.as_deref() == Some(value)));
    assert!(found, "{promise:?} is not in the history");
}

/// The quotes of a device with their numbers.
pub fn list(engine: &mut Engine) -> BTreeMap<RecordRef, String> {
    let list = Request::List { kind: RecordKind::Quote, query: String::new(), offset: 0, limit: 500 };
    let Answer::Ok(Reply::Page(page)) = engine.answer(list) else { panic!("a list") };
    page.rows.into_iter().map(|row| (row.record, row.number)).collect()
}

/// Who is where, and since when; what two people said never mixes.
pub fn board(engine: &mut Engine) -> Vec<String> {
    let Answer::Ok(Reply::Presence(board)) = engine.answer(Request::Presence) else { panic!("the board") };
    let said = board.rows.into_iter().filter_map(|row| row.said);
    said.map(|said| {
        assert_eq!(said.state, whereabouts(said.place.parse().unwrap()), "{said:?} was said by nobody");
        format!("{} since {} at {}", said.state, said.since, said.place)
    })
    .collect()
}

/// The calls that are not settled; of two steps that were taken apart neither led back.
pub fn calls(engine: &mut Engine) -> Vec<CallRow> {
    let Answer::Ok(Reply::Calls(page)) = engine.answer(Request::Calls) else { panic!("the calls") };
    assert!(page.rows.iter().all(|row| row.state != CallState::Closed), "what is settled is in nobody's way");
    page.rows
}

/// The customers as a list shows them, of those that are the same only one.
pub fn customers(engine: &mut Engine) -> Vec<RecordRef> {
    let list = Request::List { kind: RecordKind::Customer, query: String::new(), offset: 0, limit: 500 };
    let Answer::Ok(Reply::Page(page)) = engine.answer(list) else { panic!("a list") };
    page.rows.into_iter().map(|row| row.record).collect()
}

pub fn clashes(engine: &mut Engine) -> Vec<ClashRow> {
    let Answer::Ok(Reply::Clashes(rows)) = engine.answer(Request::Clashes) else { panic!("the clash inbox") };
    rows
}

fn history(engine: &mut Engine, record: RecordRef) -> Vec<HistoryRow> {
    match engine.answer(Request::History { record }) {
        Answer::Ok(Reply::History(rows)) => rows,
        other => panic!("{record} has no history: {other:?}"),
    }
}

fn quote_at(engine: &mut Engine, record: RecordRef, at: Option<Heads>) -> Quote {
    match engine.answer(Request::Open { record, at }) {
        Answer::Ok(Reply::Record(page)) => {
            let AnyRecord::Quote(quote) = page.record else { panic!("{record} is a quote") };
            quote
        }
        other => panic!("{record} cannot be shown: {other:?}"),
    }
}
