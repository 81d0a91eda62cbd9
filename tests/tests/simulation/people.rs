//! What people do at their desks, through the contract.

use crate::appointments::arrange;
use crate::model::{self, Model, Promise, What};
use mera_device::Engine;
use mera_device_api::{Answer, CallStep, Done, NewCall, NewItem, RecordPage, Reply, Request, Verb};
use mera_disk::power;
use mera_schema::{
    AnyRecord, Edit, FieldPath, Heads, ItemId, Life, Quote, RecordKind, RecordRef, Urgency, Whereabouts,
};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::collections::HashMap;

/// Refusals that people meet while others work on the same quotes and devices come and go.
const USUAL: [&str; 14] = [
    "appointment.moved_meanwhile",
    "appointment.cancelled",
    "appointment.no_such_day",
    "quote.not_open",
    "quote.step_does_not_follow",
    "quote.nothing_offered",
    "quote.expired",
    "record.disputed",
    "record.unknown",
    "record.unknown_heads",
    "record.no_such_item",
    "record.incomplete",
    "record.missing",
    "device.recovering",
];

/// The people of a company, one at each device.
#[derive(Default)]
pub struct People {
    /// Counts what was written, so that no two values are alike.
    count: u32,
    /// Quotes left open on a screen, as they were then.
    screens: HashMap<(usize, RecordRef), Heads>,
    pub customer: Option<RecordRef>,
    /// A colleague, of whom everybody says now and then where he is.
    colleague: Option<RecordRef>,
}

impl People {
    /// The first customer, so that quotes can be sent.
    pub fn meet_customer(&mut self, engine: &mut Engine) {
        let values = vec![("name".into(), "Aalborg Værft A/S".into())];
        let made = ask(engine, Request::Create { kind: RecordKind::Customer, values }).unwrap();
        self.customer = made.record;
        let values = vec![("name".into(), "Bo Berg".into())];
        self.colleague = ask(engine, Request::Create { kind: RecordKind::Employee, values }).unwrap().record;
    }

    /// One person does one thing, and the model remembers it if it was promised.
    pub fn act(&mut self, chance: &mut ChaCha8Rng, who: usize, engine: &mut Engine, model: &mut Model) {
        self.count += 1;
        let quotes: Vec<RecordRef> = model::list(engine).into_keys().collect();
        if quotes.is_empty() || chance.random_bool(0.03) {
            return self.create(engine, model);
        }
        if chance.random_bool(0.05) {
            return self.say_where(engine);
        }
        if chance.random_bool(0.05) {
            return self.telephone(chance, engine);
        }
        if chance.random_bool(0.05) {
            return arrange(chance, engine, self.colleague, self.count);
        }
        if chance.random_bool(0.04) {
            return self.meet_again(chance, engine);
        }
        if chance.random_bool(0.08) {
            return settle(chance, engine, model);
        }
        let quote = quotes[chance.random_range(0..quotes.len())];
        let Some(page) = self.look(chance, who, engine, quote) else { return };
        self.edit(chance, engine, &page, model);
    }

    /// Says where the colleague is, with a place by which it is known again who said what.
    fn say_where(&self, engine: &mut Engine) {
        let (state, place) = (whereabouts(self.count), self.count.to_string());
        reply(engine, Request::SayPresence { employee: self.colleague, state, until: None, place });
    }

    /// Takes a call for the colleague, or a step with one that was taken.
    fn telephone(&self, chance: &mut ChaCha8Rng, engine: &mut Engine) {
        let open = model::calls(engine);
        if let Some(call) = open.get(chance.random_range(0..open.len() + 2)) {
            let step = [CallStep::CallBack, CallStep::Close, CallStep::Reopen][chance.random_range(0..3)];
            reply(engine, Request::HandleCall { record: call.record, step });
        } else if let Some(for_whom) = self.colleague {
            let phone = format!("98 12 {:04}", self.count);
            let (caller, subject, notes) = (self.count.to_string(), String::new(), String::new());
            let (party, contact, urgency, copies) = (None, None, Urgency::Normal, Vec::new());
            let call = NewCall { for_whom, caller, party, contact, phone, subject, urgency, copies, notes };
            reply(engine, Request::TakeCall { call: call.into() });
        }
    }

    /// Makes a customer once more, makes one of two, or takes two apart again.
    fn meet_again(&self, chance: &mut ChaCha8Rng, engine: &mut Engine) {
        let customers = model::customers(engine);
        if customers.len() < 2 || chance.random_bool(0.3) {
            let values = vec![("name".into(), format!("Værft {}", self.count)), ("phone".into(), "98 12 34 56".into())];
            ask(engine, Request::Create { kind: RecordKind::Customer, values });
            return;
        }
        let mut one = || customers[chance.random_range(0..customers.len())];
        let (record, into) = (one(), one());
        let Answer::Ok(Reply::Record(page)) = engine.answer(Request::Open { record, at: None }) else { return };
        match page.same.first() {
            Some(same) if chance.random_bool(0.4) => ask(engine, Request::TakeApart { record: same.record }),
            _ if record != into => ask(engine, Request::Merge { record, into }),
            _ => None,
        };
    }

    fn create(&mut self, engine: &mut Engine, model: &mut Model) {
        let known = |customer: &RecordRef| {
            matches!(engine.answer(Request::Open { record: *customer, at: None }), Answer::Ok(_))
        };
        let customer = self.customer.filter(known).map(|customer| ("customer".into(), customer.to_string()));
        let request = Request::Create { kind: RecordKind::Quote, values: customer.into_iter().collect() };
        match ask(engine, request) {
            Some(done) => promise(engine, model, done, |_| What::Created),
            None if power::has_failed() => model.in_doubt.push(None),
            None => {}
        }
    }

    /// A quote as it is on the person's screen: as it stands, or as it was when the form was opened.
    fn look(
        &mut self,
        chance: &mut ChaCha8Rng,
        who: usize,
        engine: &mut Engine,
        quote: RecordRef,
    ) -> Option<RecordPage> {
        let left_open = self.screens.get(&(who, quote)).filter(|_| chance.random_bool(0.3)).cloned();
        let Answer::Ok(Reply::Record(page)) = engine.answer(Request::Open { record: quote, at: left_open }) else {
            self.screens.remove(&(who, quote));
            return None;
        };
        if chance.random_bool(0.2) {
            self.screens.insert((who, quote), page.heads.clone());
        }
        Some(*page)
    }

    fn edit(&self, chance: &mut ChaCha8Rng, engine: &mut Engine, page: &RecordPage, model: &mut Model) {
        let quote = quote_of(page);
        let lines: Vec<ItemId> = quote.lines.keys().copied().collect();
        let n = self.count;
        let line = chance.random_range(0..lines.len().max(1));
        let line = lines.get(line).copied();
        let (request, what) = match (chance.random_range(0..12), line) {
            (0 | 1, _) | (_, None) => return add_line(engine, page, n, model),
            (2 | 3, Some(line)) => set(page, FieldPath::item("lines", line, "unit_price"), format!("{n}.5 DKK")),
            (4, Some(line)) => set(page, FieldPath::item("lines", line, "quantity"), format!("{n} pcs")),
            (5, Some(line)) => set(page, FieldPath::item("lines", line, "discount"), format!("{}.{n}", n % 90)),
            (6, Some(line)) => set(page, FieldPath::item("lines", line, "text"), format!("Kugleventil {n}")),
            (7, Some(_)) => set(page, FieldPath::root("subject"), format!("Ventiler {n}")),
            (8, Some(line)) if quote.lines[&line].life.agreed() == Some(&Life::Live) => remove(page, line),
            (9, Some(_)) => step(chance, page),
            _ => write(page, quote, n),
        };
        match ask(engine, request) {
            Some(done) => promise(engine, model, done, |_| what),
            None if power::has_failed() => model.edited_in_doubt.extend(what.item()),
            None => {}
        }
    }
}

/// Where the colleague was said to be at a place.
pub fn whereabouts(place: u32) -> Whereabouts {
    Whereabouts::ALL[place as usize % Whereabouts::ALL.len()]
}

fn quote_of(page: &RecordPage) -> &Quote {
    let AnyRecord::Quote(quote) = &page.record else { panic!("a quote") };
    quote
}

fn set(page: &RecordPage, path: FieldPath, value: String) -> (Request, What) {
    (change(page, Edit::Set { path: path.clone(), value: Some(value.clone()) }), What::Value(path, value))
}

fn remove(page: &RecordPage, line: ItemId) -> (Request, What) {
    let path = FieldPath::item("lines", line, "life");
    (change(page, Edit::Set { path: path.clone(), value: Some("removed".into()) }), What::Removed(path))
}

fn write(page: &RecordPage, quote: &Quote, n: u32) -> (Request, What) {
    let word = format!("[{n}]");
    let text = format!("{} {word}", quote.notes.0);
    (change(page, Edit::Write { path: FieldPath::root("notes"), text }), What::Word(word))
}

fn step(chance: &mut ChaCha8Rng, page: &RecordPage) -> (Request, What) {
    let steps = [(Verb::Send, "sent"), (Verb::Lose, "lost"), (Verb::Revise, "draft"), (Verb::Win, "won")];
    let (verb, stage) = steps[chance.random_range(0..4)];
    let (record, seen) = (quote_of(page).record, page.heads.clone());
    (Request::Quote { record, seen, verb, reason: "price".into() }, What::Stage(stage))
}

fn change(page: &RecordPage, edit: Edit) -> Request {
    Request::Change { record: quote_of(page).record, seen: page.heads.clone(), edits: vec![edit] }
}

fn add_line(engine: &mut Engine, page: &RecordPage, n: u32, model: &mut Model) {
    let values = [("text", format!("Flange {n}")), ("unit_price", format!("{n} DKK")), ("vat_rate", "25".into())];
    let values = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let item = NewItem { collection: "lines".into(), values };
    let request = Request::AddItem { record: quote_of(page).record, seen: page.heads.clone(), item };
    match ask(engine, request) {
        Some(done) => promise(engine, model, done, |done| What::Line(done.item.unwrap())),
        None if power::has_failed() => model.in_doubt.push(Some(quote_of(page).record)),
        None => {}
    }
}

/// Settles one of the open clashes with one of its values.
fn settle(chance: &mut ChaCha8Rng, engine: &mut Engine, model: &mut Model) {
    let mut open = model::clashes(engine);
    if open.is_empty() {
        return;
    }
    let clash = open.swap_remove(chance.random_range(0..open.len()));
    let value = clash.candidates[chance.random_range(0..clash.candidates.len())].value.clone();
    let edit = Edit::Set { path: clash.path.clone(), value: Some(value.clone()) };
    let request = Request::Change { record: clash.record, seen: clash.heads, edits: vec![edit] };
    let what = What::Settled(clash.path, value);
    // Promises are of quotes; that others are settled alike everywhere is seen in the clashes that are left.
    if clash.record.kind != RecordKind::Quote {
        ask(engine, request);
        return;
    }
    match ask(engine, request) {
        Some(done) => promise(engine, model, done, |_| what),
        None if power::has_failed() => model.edited_in_doubt.extend(what.item()),
        None => {}
    }
}

fn promise(engine: &Engine, model: &mut Model, done: Done, what: impl FnOnce(&Done) -> What) {
    let what = what(&done);
    model.promises.push(Promise { by: engine.device(), seq: engine.written(), quote: done.record.unwrap(), what });
}

/// Asks for a change; a refusal must be one that people know.
pub fn ask(engine: &mut Engine, request: Request) -> Option<Done> {
    match reply(engine, request)? {
        Reply::Done(done) => Some(done),
        other => panic!("{other:?}"),
    }
}

pub fn reply(engine: &mut Engine, request: Request) -> Option<Reply> {
    match engine.answer(request) {
        Answer::Ok(reply) => Some(reply),
        Answer::Refused(refused) if USUAL.contains(&refused.code.as_str()) => None,
        Answer::Refused(_) if power::has_failed() => None,
        other => panic!("{other:?}"),
    }
}
