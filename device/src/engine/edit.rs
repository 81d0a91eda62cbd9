//! What a person does: decided by the rules of the trade on what the person saw, then committed as one entry.

use super::Engine;
use crate::DeviceFault;
use chrono::{DateTime, SecondsFormat, Utc};
use mera_business::{Refusal, change, quote, rank};
use mera_device_api::{Done, NewItem, Refused, Verb};
use mera_schema::document::{self, Document, Moment, WriteFault};
use mera_schema::{
    AnyRecord, Customer, Desk, Edit, Heads, ItemId, LIFE, ORDER, Product, Quote, RecordDef, RecordId, RecordKind,
    RecordRef, RecordTree, Stage, TaskState, Urgency,
};
use std::collections::BTreeSet;

impl Engine {
    /// Creates a record with its first fields; the device gives identity and number.
    pub(super) fn create(&mut self, kind: RecordKind, mut values: Vec<(String, String)>) -> Result<Done, Refused> {
        let record = RecordRef::new(kind, RecordId::new(self.fresh_id()?));
        self.complete(kind, &mut values);
        self.write_new(record, values)
    }

    pub(super) fn write_new(&mut self, record: RecordRef, values: Vec<(String, String)>) -> Result<Done, Refused> {
        let edits: Vec<Edit> = values.iter().map(|(field, value)| Edit::set(field, value)).collect();
        self.found_record(record, &edits)
    }

    /// Writes a record that is not there yet, in one entry.
    pub(super) fn found_record(&mut self, record: RecordRef, edits: &[Edit]) -> Result<Done, Refused> {
        let def = RecordDef::of(record.kind);
        change::allowed(&RecordTree::empty(record, def.version), edits).map_err(|refusal| refused(&refusal))?;
        let moment = self.moment();
        let mut doc = Document::found(def);
        let founded = document::heads(&mut doc);
        let seen = placed(&mut doc, def, &founded, edits)?;
        document::apply(&mut doc, def, &seen, edits, moment).map_err(|fault| unwritten(&fault))?;
        let chunk = doc.chunks_since(&Heads::new());
        self.open.insert(record, super::Open::new(doc));
        self.commit(vec![(record, chunk)])?;
        self.done(record, None)
    }

    /// Changes a record at the heads the person saw.
    pub(super) fn change(&mut self, record: RecordRef, seen: &Heads, edits: &[Edit]) -> Result<Done, Refused> {
        let tree = self.as_seen(record, seen)?;
        change::allowed(&tree, edits).map_err(|refusal| refused(&refusal))?;
        self.write(record, seen, edits)?;
        self.done(record, None)
    }

    /// Changes a record as it stands: what goes for the moment at which it is said, whatever the screen showed.
    pub(super) fn edit_as_it_stands(&mut self, record: RecordRef, edits: &[Edit]) -> Result<(), Refused> {
        let seen = document::heads(&mut self.document(record)?.doc);
        self.change(record, &seen, edits).map(drop)
    }

    /// Adds an item after the others; a line offered from the catalogue is completed from it.
    pub(super) fn add_item(&mut self, record: RecordRef, seen: &Heads, item: NewItem) -> Result<Done, Refused> {
        let tree = self.as_seen(record, seen)?;
        let id = ItemId::new(self.fresh_id()?);
        let mut values = item.values;
        if let (AnyRecord::Quote(quote), "lines") = (AnyRecord::read(&tree), item.collection.as_str()) {
            let product = values.iter().find(|(name, _)| name == "product").and_then(|(_, link)| link.parse().ok());
            let product = product.map(|product| self.tree(product)).transpose()?.map(|tree| Product::read(&tree));
            let customer = quote.customer.provisional().map(|customer| self.views.whole(*customer));
            let customer = customer.map(|customer| self.tree(customer)).transpose()?.map(|tree| Customer::read(&tree));
            values = quote::offered(values, product.as_ref(), customer.as_ref());
        }
        let items = tree.items.get(&item.collection).into_iter().flatten();
        let last = items.filter_map(|(_, node)| node.value(ORDER)).max();
        values.retain(|(name, _)| name != ORDER && name != LIFE);
        values.push((ORDER.into(), rank::after(last)));
        let edits = [Edit::Add { collection: item.collection, item: id, values }];
        change::allowed(&tree, &edits).map_err(|refusal| refused(&refusal))?;
        self.write(record, seen, &edits)?;
        self.done(record, Some(id))
    }

    /// Takes a quote a step further, from the stage in which it was seen. Before it is sent, lines are judged as they stand too, and
    /// not only as they were seen: what goes to a customer must be settled.
    pub(super) fn step(&mut self, record: RecordRef, seen: &Heads, verb: Verb, reason: &str) -> Result<Done, Refused> {
        let step = match verb {
            Verb::Send => quote::Step::Send,
            Verb::Revise => quote::Step::Revise,
            Verb::Win => quote::Step::Win,
            Verb::Lose => quote::Step::Lose,
        };
        let mut tree = self.as_seen(record, seen)?;
        if verb == Verb::Send {
            // A form that shows a quote as sent sends nothing, also where a colleague has begun a new revision meanwhile.
            quote::follows(&quote_of(&tree)?, step).map_err(|refusal| refused(&refusal))?;
            tree = self.tree(record)?;
        }
        let edits =
            quote::step(&quote_of(&tree)?, step, reason, self.world.today()).map_err(|refusal| refused(&refusal))?;
        self.write(record, seen, &edits)?;
        self.done(record, None)
    }

    /// The first entry of a device: its own record, so that colleagues see a name beside its changes.
    pub(super) fn introduce(&mut self) -> Result<(), DeviceFault> {
        let record = self.own_record();
        if self.store.row(record)?.is_some() {
            return Ok(());
        }
        let me = &self.identity;
        let joined = self.now().to_rfc3339();
        let values = [
            ("name", me.name.clone()),
            ("person", me.person.clone()),
            ("desk", me.desk.to_string()),
            ("series", me.series.clone()),
            ("joined", joined),
        ];
        let values = values.into_iter().map(|(field, value)| (field.to_owned(), value)).collect();
        match self.write_new(record, values) {
            Ok(_) => Ok(()),
            Err(refused) => Err(DeviceFault::IdentityUnreadable { path: "device.json".into(), says: refused.says }),
        }
    }

    fn write(&mut self, record: RecordRef, seen: &Heads, edits: &[Edit]) -> Result<(), Refused> {
        let (moment, def) = (self.moment(), RecordDef::of(record.kind));
        let open = self.document(record)?;
        let before = document::heads(&mut open.doc);
        let placed = placed(&mut open.doc, def, seen, edits);
        let applied = placed.and_then(|seen| {
            document::apply(&mut open.doc, def, &seen, edits, moment).map_err(|fault| unwritten(&fault))
        });
        let chunk = match applied {
            Ok(written) if written.is_empty() => written,
            Ok(_) => open.doc.chunks_since(&before),
            Err(refused) => {
                // A place that was made for nothing is in no log, and nobody may build on it.
                self.open.remove(&record);
                return Err(refused);
            }
        };
        if chunk.is_empty() { Ok(()) } else { Ok(self.commit(vec![(record, chunk)])?) }
    }

    /// The record as the person saw it.
    fn as_seen(&mut self, record: RecordRef, seen: &Heads) -> Result<RecordTree, Refused> {
        self.must_exist(record)?;
        let open = self.document(record)?;
        if seen.is_empty() || !document::has(&mut open.doc, seen) {
            return Err(unwritten(&WriteFault::UnknownHeads));
        }
        Ok(document::read_at(&mut open.doc, record, seen))
    }

    /// The record as it stands.
    pub(super) fn tree(&mut self, record: RecordRef) -> Result<RecordTree, Refused> {
        self.must_exist(record)?;
        Ok(document::read(&mut self.document(record)?.doc, record))
    }

    pub(super) fn must_exist(&self, record: RecordRef) -> Result<(), Refused> {
        if self.views.listed(record).is_some() {
            return Ok(());
        }
        self.may_be_made(record)?;
        Err(Refused::new("record.unknown", format!("this device has no record {record}; synchronise, then look again")))
    }

    /// Whether there may be such a record here: the identity of one that was erased is not used again.
    pub(super) fn may_be_made(&self, record: RecordRef) -> Result<(), Refused> {
        if self.erasures.has(&record.into()) {
            return Err(Refused::new("record.erased", format!("the record {record} was erased for good")));
        }
        Ok(())
    }

    pub(super) fn done(&mut self, record: RecordRef, item: Option<ItemId>) -> Result<Done, Refused> {
        let heads = document::heads(&mut self.document(record)?.doc);
        Ok(Done { record: Some(record), heads, item })
    }

    /// Now, by the device's clock.
    pub(super) fn now(&self) -> DateTime<Utc> {
        moment_of(self.world.millis())
    }

    pub(super) fn moment(&self) -> Moment {
        Moment { device: self.device, millis: i64::try_from(self.world.millis()).unwrap_or(i64::MAX) }
    }

    /// A UUID version 7 (RFC 9562): identities of one device sort by time.
    pub(super) fn fresh_id(&self) -> Result<uuid::Uuid, DeviceFault> {
        let mut chance = [0; 10];
        self.world.random(&mut chance).map_err(DeviceFault::NoRandomness)?;
        Ok(uuid::Builder::from_unix_timestamp_millis(self.world.millis(), &chance).into_uuid())
    }

    /// What every new record of a kind begins with, unless the person gave it.
    fn complete(&self, kind: RecordKind, values: &mut Vec<(String, String)>) {
        let given: BTreeSet<String> = values.iter().map(|(name, _)| name.clone()).collect();
        let mut offer = |field: &str, value: String| {
            if !given.contains(field) {
                values.push((field.to_owned(), value));
            }
        };
        if let Some(number) = self.next_number(kind) {
            offer("number", number);
        }
        match kind {
            RecordKind::Quote => {
                offer("stage", Stage::Draft.to_string());
                offer("revision", "1".into());
                offer("currency", "DKK".into());
                offer("date", self.world.today().to_string());
                offer("valid_until", (self.world.today() + chrono::Days::new(30)).to_string());
            }
            RecordKind::Task => offer("state", TaskState::Open.to_string()),
            RecordKind::Employee => offer("desk", Desk::Sales.to_string()),
            RecordKind::Call => {
                offer("taken", self.now().to_rfc3339_opts(SecondsFormat::Millis, true));
                offer("urgency", Urgency::Normal.to_string());
            }
            _ => {}
        }
    }

    /// The next number of this device's own series, `T-K3-0017`: unique without asking anybody.
    fn next_number(&self, kind: RecordKind) -> Option<String> {
        let letter = series_letter(kind)?;
        let last = self.numbers.get(&kind).copied().unwrap_or(0);
        Some(format!("{letter}-{}-{:04}", self.identity.series, last + 1))
    }

    pub(super) fn own_number(&self, kind: RecordKind, number: &str) -> Option<u64> {
        number
            .strip_prefix(series_letter(kind)?)?
            .strip_prefix('-')?
            .strip_prefix(&self.identity.series)?
            .strip_prefix('-')?
            .parse()
            .ok()
    }

    pub(super) fn note_number(&mut self, record: RecordRef) {
        let number = self.views.listed(record).and_then(|listed| self.own_number(record.kind, &listed.number));
        if let Some(number) = number {
            let last = self.numbers.entry(record.kind).or_default();
            *last = (*last).max(number);
        }
    }
}

/// The heads at which edits are made, with the places of items whose identity follows from something else: of two places that were made
/// apart under one identity a document shows one, and what was written in the other would be gone.
pub(super) fn placed(doc: &mut Document, def: &RecordDef, seen: &Heads, edits: &[Edit]) -> Result<Heads, Refused> {
    let mut heads = seen.clone();
    for edit in edits {
        if let Edit::Add { collection, item, .. } = edit
            && item.is_derived()
        {
            let head = doc.place(def, collection, *item).map_err(|fault| unwritten(&fault))?;
            if !heads.contains(&head) {
                heads.push(head);
            }
        }
    }
    Ok(heads)
}

/// T as in *tilbud*, K as in *kunde*: what Danish offices write.
fn quote_of(tree: &RecordTree) -> Result<Quote, Refused> {
    match AnyRecord::read(tree) {
        AnyRecord::Quote(quote) => Ok(quote),
        _ => Err(Refused::new("quote.not_a_quote", "only a quote can be sent, revised, won or lost")),
    }
}

fn series_letter(kind: RecordKind) -> Option<&'static str> {
    match kind {
        RecordKind::Quote => Some("T"),
        RecordKind::Customer => Some("K"),
        _ => None,
    }
}

/// A moment of milliseconds since 1970.
pub(super) fn moment_of(millis: u64) -> DateTime<Utc> {
    i64::try_from(millis).ok().and_then(DateTime::from_timestamp_millis).unwrap_or_default()
}

pub(super) fn refused(refusal: &Refusal) -> Refused {
    let mut refused = Refused::new(refusal.code(), refusal.to_string());
    refused.field = refusal.field().map(str::to_owned);
    let mut say = |name: &str, value: String| {
        refused.args.insert(name.to_owned(), value);
    };
    match refusal {
        Refusal::QuoteNotOpen { stage } | Refusal::StepDoesNotFollow { stage } => say("stage", stage.to_string()),
        Refusal::NeededByDocument { number, until } => {
            say("number", number.clone());
            say("until", until.to_string());
        }
        Refusal::KeptByLaw { until } => say("until", until.to_string()),
        Refusal::NeededByUndated { number } => say("number", number.clone()),
        Refusal::NeverErased { kind } => say("kind", kind.to_string()),
        Refusal::Expired { until } => say("until", until.to_string()),
        Refusal::OtherCurrency { given, quote, .. } => {
            say("given", given.code().to_owned());
            say("quote", quote.code().to_owned());
        }
        _ => {}
    }
    refused
}

pub(super) fn unwritten(fault: &WriteFault) -> Refused {
    let code = match fault {
        WriteFault::UnknownHeads => "record.unknown_heads",
        WriteFault::Incomplete => "record.incomplete",
        WriteFault::NewerSchema { .. } => "record.newer_program",
        WriteFault::NoSuchItem(_) => "record.no_such_item",
        WriteFault::Refused(_) => "record.document_refused",
    };
    Refused::new(code, fault.to_string())
}
