//! What a record contributes to the views: small plain rows, computed from the record alone.

use crate::appointment::{self, AppointmentFact};
use crate::call::{self, CallFact};
use crate::phone::E164;
use crate::report::{self, ReportFact};
use crate::{order, quote, retention};
use chrono::NaiveDate;
use mera_schema::{
    AnyRecord, Candidate, DeviceId, Field, FieldPath, Form, Money, Node, Place, RecordDef, RecordRef, RecordTree,
    Stage, Standing, TaskState,
};
use serde::{Deserialize, Serialize};

/// One row a record contributes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fact {
    /// How it stands in lists and what it is found by.
    Search {
        /// Number for people.
        number: String,
        /// What it is called.
        title: String,
        /// One more line.
        detail: String,
        /// How far it is, as a stable word: a quote's stage.
        state: String,
        /// Whom it concerns: the customer of a quote or order.
        about: Option<RecordRef>,
        /// A figure worth showing.
        amount: Option<Money>,
        /// Everything it is found by, in lower case.
        words: String,
    },
    /// It points at another record.
    Link {
        /// At which.
        to: RecordRef,
    },
    /// A field that people disagree about.
    Clash {
        /// Which field.
        path: FieldPath,
        /// How it is written.
        form: Form,
        /// The values to choose between.
        candidates: Vec<Candidate<String>>,
    },
    /// A quote's part in the quote stock.
    QuoteStock {
        /// Its stage; nothing while it is disputed.
        stage: Option<Stage>,
        /// Who answers for it.
        salesperson: Option<RecordRef>,
        /// Its net sum.
        net: Money,
    },
    /// Something to be done.
    Task {
        /// When.
        due: Option<NaiveDate>,
        /// Whether it is done. A task that people disagree about is not.
        done: bool,
        /// About which record.
        about: Option<RecordRef>,
    },
    /// It is another record that was made twice.
    Same {
        /// Which.
        is: RecordRef,
    },
    /// It is reached by this number.
    Phone {
        /// Which.
        number: E164,
    },
    /// A telephone call that a colleague is told of.
    Call(Box<CallFact>),
    /// Something that is agreed for a time.
    Appointment(Box<AppointmentFact>),
    /// What somebody brought home from a visit.
    Report(Box<ReportFact>),
    /// Where a colleague is.
    Presence {
        /// Where.
        standing: Standing,
        /// On which device that was said.
        by: DeviceId,
    },
}

/// Raised whenever [`facts`] tells something else of the same record, so that devices tell their records anew: 2 since
/// orders have a sum, 3 since contacts are records of their own, 4 since it is known where colleagues are, 5 since callers
/// are found by their numbers, 6 since records can be the same, 7 since there are appointments, 8 since there are reports of them, and
/// colleagues are reached by their numbers.
pub const VERSION: u32 = 8;

/// The facts of a record.
pub fn facts(tree: &RecordTree) -> Vec<Fact> {
    let record = AnyRecord::read(tree);
    let mut facts = vec![search(&record, tree)];
    let def = RecordDef::of(tree.record.kind);
    walk(def, tree, |path, form, asked, candidates| {
        if path.field == mera_schema::SAME_AS {
            facts.extend(candidates.iter().filter_map(|c| Some(Fact::Same { is: c.value.parse().ok()? })));
        } else if form == Form::Link {
            facts.extend(candidates.iter().filter_map(|c| Some(Fact::Link { to: c.value.parse().ok()? })));
        }
        if asked && candidates.len() > 1 {
            facts.push(Fact::Clash { path, form, candidates: candidates.to_vec() });
        }
    });
    match &record {
        AnyRecord::Quote(quote) => facts.extend(quote_stock(quote)),
        AnyRecord::Task(task) => facts.push(Fact::Task {
            due: task.due.provisional().copied(),
            done: task.state.agreed() == Some(&TaskState::Done),
            about: task.about.provisional().copied(),
        }),
        AnyRecord::Presence(presence) => facts.extend(whereabouts(presence, tree)),
        AnyRecord::Call(call) => facts.extend(call::fact(call, tree).map(Box::new).map(Fact::Call)),
        AnyRecord::Appointment(one) => {
            facts.extend(appointment::fact(one).map(Box::new).map(Fact::Appointment));
        }
        AnyRecord::Report(one) => facts.push(Fact::Report(Box::new(report::fact(one)))),
        AnyRecord::Customer(customer) => facts.extend(number(&customer.phone)),
        AnyRecord::Supplier(supplier) => facts.extend(number(&supplier.phone)),
        AnyRecord::Contact(contact) => facts.extend(number(&contact.phone)),
        AnyRecord::Employee(employee) => facts.extend(number(&employee.phone)),
        _ => {}
    }
    facts
}

fn walk(def: &RecordDef, tree: &RecordTree, mut visit: impl FnMut(FieldPath, Form, bool, &[Candidate<String>])) {
    let mut fields = |place: &Place, node: &Node| {
        for field in def.fields_at(place.collection()).unwrap_or_default() {
            if let Some(candidates) = node.values.get(field.name) {
                let path = FieldPath { place: place.clone(), field: field.name.to_owned() };
                visit(path, field.form, field.policy == mera_schema::ClashPolicy::Ask, candidates);
            }
        }
    };
    fields(&Place::Root, &tree.root);
    for (collection, items) in &tree.items {
        for (item, node) in items {
            fields(&Place::Item { collection: collection.clone(), item: *item }, node);
        }
    }
}

/// A quote whose prices do not add up (two currencies met in a merge) is left out until a person has mended it.
fn quote_stock(quote: &mera_schema::Quote) -> Option<Fact> {
    let net = quote::figures(quote).ok()?.net;
    let stage = if quote.stage.is_clash() { None } else { quote.stage.agreed().copied() };
    Some(Fact::QuoteStock { stage, salesperson: quote.salesperson.provisional().copied(), net })
}

fn number(phone: &Field<String>) -> Option<Fact> {
    Some(Fact::Phone { number: E164::read(phone.provisional()?)? })
}

fn whereabouts(presence: &mera_schema::Presence, tree: &RecordTree) -> Option<Fact> {
    let by = tree.root.values.get("standing")?.first()?.by.device;
    Some(Fact::Presence { standing: presence.standing.provisional()?.clone(), by })
}

fn search(record: &AnyRecord, tree: &RecordTree) -> Fact {
    let word = |field: &Field<String>| field.provisional().cloned().unwrap_or_default();
    let city = |addresses: &std::collections::BTreeMap<_, mera_schema::Address>| {
        addresses.values().find(|a| a.is_live()).map(|a| word(&a.city)).unwrap_or_default()
    };
    let mut row = Row::default();
    (row.number, row.title, row.detail) = match record {
        AnyRecord::Customer(c) => (word(&c.number), word(&c.name), city(&c.addresses)),
        AnyRecord::Product(p) => (word(&p.number), word(&p.name), word(&p.group)),
        AnyRecord::Supplier(s) => (word(&s.number), word(&s.name), city(&s.addresses)),
        AnyRecord::Employee(e) => (word(&e.number), word(&e.name), word(&e.title)),
        AnyRecord::Quote(q) => (word(&q.number), word(&q.subject), String::new()),
        AnyRecord::Order(o) => (word(&o.number), word(&o.number), written(&o.date)),
        AnyRecord::Task(t) => (String::new(), word(&t.title), written(&t.due)),
        AnyRecord::Device(d) => (word(&d.series), word(&d.name), word(&d.person)),
        AnyRecord::Contact(c) => (String::new(), word(&c.name), word(&c.title)),
        AnyRecord::Addressee(a) => (String::new(), word(&a.name), kept_until(a)),
        AnyRecord::Presence(p) => (String::new(), written(&p.standing), String::new()),
        AnyRecord::Call(c) => (String::new(), call::title(c), word(&c.caller)),
        AnyRecord::Appointment(a) => (String::new(), appointment::title(a), day(&a.when)),
        AnyRecord::Report(r) => (String::new(), word(&r.subject), String::new()),
        AnyRecord::Resource(r) => (String::new(), word(&r.name), word(&r.place)),
    };
    match record {
        AnyRecord::Product(p) => row.amount = p.list_price.provisional().copied(),
        AnyRecord::Quote(q) => {
            row.state = written(&q.stage);
            row.about = q.customer.provisional().copied();
            row.amount = quote::figures(q).ok().map(|figures| figures.total);
        }
        AnyRecord::Order(o) => {
            row.about = o.customer.provisional().copied();
            row.amount = order::figures(o).ok().map(|figures| figures.total);
        }
        AnyRecord::Task(t) => row.state = written(&t.state),
        AnyRecord::Contact(c) => row.about = c.party.provisional().copied(),
        AnyRecord::Call(c) => {
            row.state = c.state().to_string();
            row.about = c.party.provisional().copied();
        }
        AnyRecord::Appointment(a) => {
            row.state = written(&a.state);
            row.about = a.party.provisional().copied();
        }
        AnyRecord::Resource(r) => {
            row.state = if r.discontinued.agreed() == Some(&true) { "gone" } else { "" }.to_owned();
        }
        AnyRecord::Report(r) => {
            row.state = if r.filed.provisional().is_some() { "filed" } else { "writing" }.to_owned();
            row.about = r.party.provisional().copied();
        }
        _ => {}
    }
    let Row { number, title, detail, state, about, amount } = row;
    Fact::Search { number, title, detail, state, about, amount, words: words(tree) }
}

fn day(when: &Field<mera_schema::Span>) -> String {
    when.provisional().map(|when| when.day().to_string()).unwrap_or_default()
}

fn kept_until(addressee: &mera_schema::Addressee) -> String {
    retention::retained(addressee).map(|until| until.to_string()).unwrap_or_default()
}

#[derive(Default)]
struct Row {
    number: String,
    title: String,
    detail: String,
    state: String,
    about: Option<RecordRef>,
    amount: Option<Money>,
}

fn written(field: &Field<impl ToString>) -> String {
    field.provisional().map(ToString::to_string).unwrap_or_default()
}

/// Short texts of the record and its items; long texts stay out, so that a row stays small.
fn words(tree: &RecordTree) -> String {
    let mut found = Vec::new();
    let def = RecordDef::of(tree.record.kind);
    walk(def, tree, |path, form, _, candidates| {
        if form == Form::Word && path.field != mera_schema::ORDER {
            found.extend(candidates.iter().map(|candidate| candidate.value.to_lowercase()));
        }
    });
    found.extend(tree.root.sets.values().flatten().map(|member| member.to_lowercase()));
    found.join(" ")
}
