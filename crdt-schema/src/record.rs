//! The records of the first slice. Each declaration is a row of the table of fields *and* a typed struct.

use crate::table::{item, record};
use crate::{
    AppointmentSort, AppointmentState, Currency, Desk, Field, Members, Money, Part, Percent, Prose, Quantity,
    RecordDef, RecordKind, RecordRef, Span, Stage, Standing, TaskState, Urgency,
};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;

record! {
    /// A company that buys.
    Customer: Customer, version 2, life None;
    fields {
        /// The company's name.
        name: Field<String> [Latest],
        /// Customer number, as the company writes it.
        number: Field<String> [Ask],
        /// VAT registration number with country prefix.
        vat_number: Field<String> [Ask],
        /// Phone number.
        phone: Field<String> [Latest],
        /// Fax number.
        fax: Field<String> [Latest],
        /// E-mail address.
        email: Field<String> [Latest],
        /// The currency it is quoted in.
        currency: Field<Currency> [Ask],
        /// How much it may owe.
        credit_limit: Field<Money> [Ask],
        /// Discount on every line unless something else is agreed.
        discount: Field<Percent> [Ask],
        /// Our person for this customer.
        salesperson: Field<RecordRef> [Ask],
        /// Which other one it is, where somebody found that it is in the records twice.
        same_as: Field<RecordRef> [Ask],
        /// What it is interested in.
        interests: Members [Union],
        /// Anything worth remembering.
        notes: Prose [Text],
    }
    items {
        /// Places.
        addresses: Address,
    }
}

record! {
    /// A person at a customer or supplier: a record of its own, so that it can be erased without the company.
    Contact: Contact, version 1, life None;
    fields {
        /// Full name.
        name: Field<String> [Latest],
        /// The customer or supplier.
        party: Field<RecordRef> [Ask],
        /// Position.
        title: Field<String> [Latest],
        /// Direct phone.
        phone: Field<String> [Latest],
        /// Direct e-mail. What is sent goes there, so people are asked.
        email: Field<String> [Ask],
        /// What is written to the person is in this language.
        language: Field<String> [Latest],
        /// Which other one it is, where somebody found that it is in the records twice.
        same_as: Field<RecordRef> [Ask],
        /// Anything worth remembering.
        notes: Prose [Text],
    }
    items {}
}

record! {
    /// Whom posted documents name and who was erased since: what the law wants kept of the person, and until when. Its
    /// identity follows from the contact's.
    Addressee: Addressee, version 1, life None;
    fields {
        /// Full name.
        name: Field<String> [Latest],
        /// Position.
        title: Field<String> [Latest],
        /// The customer or supplier.
        party: Field<RecordRef> [Latest],
        /// What the customer or supplier was called.
        company: Field<String> [Latest],
        /// Street and number.
        street: Field<String> [Latest],
        /// Postal code.
        postal_code: Field<String> [Latest],
        /// City.
        city: Field<String> [Latest],
        /// Country.
        country: Field<String> [Latest],
        /// The contact that was erased.
        contact: Field<RecordRef> [Latest],
    }
    items {
        /// The documents that need it.
        documents: KeptFor,
    }
}

item! {
    /// A posted document that needs an addressee.
    KeptFor {
        /// Which.
        document: Field<RecordRef> [Latest],
        /// The last day on which the law needs it.
        until: Field<NaiveDate> [Latest],
    }
}

item! {
    /// A place of a customer or supplier. Where goods go is asked about, never guessed.
    Address {
        /// What it is for: `visit`, `delivery`, `invoice`.
        purpose: Field<String> [Latest],
        /// Street and number.
        street: Field<String> [Ask],
        /// Postal code.
        postal_code: Field<String> [Ask],
        /// City.
        city: Field<String> [Ask],
        /// Region.
        region: Field<String> [Latest],
        /// Country.
        country: Field<String> [Ask],
    }
}

record! {
    /// A thing that is sold.
    Product: Product, version 2, life None;
    fields {
        /// Item number.
        number: Field<String> [Ask],
        /// What it is called.
        name: Field<String> [Latest],
        /// Product group.
        group: Field<String> [Latest],
        /// The unit it is sold in.
        unit: Field<String> [Ask],
        /// How it is packed.
        packing: Field<String> [Latest],
        /// Price before any agreement. Version 1 wrote a bare number of kroner in `price`.
        list_price: Field<Money> [Ask],
        /// VAT rate.
        vat_rate: Field<Percent> [Ask],
        /// Who it is bought from.
        supplier: Field<RecordRef> [Ask],
        /// No longer sold.
        discontinued: Field<bool> [Ask],
        /// Longer description.
        description: Prose [Text],
    }
    items {}
}

record! {
    /// A company that is bought from.
    Supplier: Supplier, version 2, life None;
    fields {
        /// The company's name.
        name: Field<String> [Latest],
        /// Supplier number.
        number: Field<String> [Ask],
        /// Phone number.
        phone: Field<String> [Latest],
        /// Fax number.
        fax: Field<String> [Latest],
        /// Home page.
        homepage: Field<String> [Latest],
        /// Which other one it is, where somebody found that it is in the records twice.
        same_as: Field<RecordRef> [Ask],
        /// Anything worth remembering.
        notes: Prose [Text],
    }
    items {
        /// Places.
        addresses: Address,
    }
}

record! {
    /// A colleague.
    Employee: Employee, version 1, life None;
    fields {
        /// Full name.
        name: Field<String> [Latest],
        /// Employee number.
        number: Field<String> [Ask],
        /// Position.
        title: Field<String> [Latest],
        /// Phone.
        phone: Field<String> [Latest],
        /// E-mail.
        email: Field<String> [Latest],
        /// Where the person usually works.
        desk: Field<Desk> [Latest],
        /// Whom the person reports to.
        reports_to: Field<RecordRef> [Latest],
        /// Anything worth remembering.
        notes: Prose [Text],
    }
    items {}
}

record! {
    /// Where a colleague is. Its identity is the colleague's, so that there is one for each, whoever says it first.
    Presence: Presence, version 1, life None;
    fields {
        /// Whose it is.
        employee: Field<RecordRef> [Latest],
        /// Where, until when and at which place. The later word stands: it is an answer for the phone and no promise.
        standing: Field<Standing> [Latest],
    }
    items {}
}

record! {
    /// A telephone call that a colleague is told of. How far it is follows from what has happened: each happening is a moment
    /// of its own, so that none of them undoes another in a merge.
    Call: Call, version 1, life None;
    fields {
        /// Who called, as that one said it.
        caller: Field<String> [Latest],
        /// The customer or supplier.
        party: Field<RecordRef> [Ask],
        /// The person there.
        contact: Field<RecordRef> [Ask],
        /// The number to call back, as it was given.
        phone: Field<String> [Latest],
        /// What it is about.
        subject: Field<String> [Latest],
        /// How soon.
        urgency: Field<Urgency> [Latest],
        /// The colleague who is to call back.
        for_whom: Field<RecordRef> [Ask],
        /// When the call came.
        taken: Field<DateTime<Utc>> [Latest],
        /// When the one it is for saw it.
        seen: Field<DateTime<Utc>> [Latest],
        /// When somebody called back.
        called_back: Field<DateTime<Utc>> [Latest],
        /// When it was settled.
        closed: Field<DateTime<Utc>> [Latest],
        /// What was said.
        notes: Prose [Text],
    }
    items {
        /// Colleagues who are told too.
        copies: CallCopy,
    }
}

item! {
    /// A colleague who is told of a call too.
    CallCopy {
        /// Who.
        employee: Field<RecordRef> [Latest],
        /// When that one saw it.
        seen: Field<DateTime<Utc>> [Latest],
    }
}

record! {
    /// Something that is agreed for a time. That it takes place is said again by whoever changes it, and not by whoever has only
    /// read it or says something beside it.
    Appointment: Appointment, version 1, life Some("state"), beside ["comments", "knows"];
    fields {
        /// What it is about.
        subject: Field<String> [Latest],
        /// What it is.
        sort: Field<AppointmentSort> [Latest],
        /// From when until when; of one that comes again, the first time.
        when: Field<Span> [Ask],
        /// When it comes again: a recurrence rule (RFC 5545, 3.3.10) without `DTSTART`, whose `UNTIL` is a day.
        repeats: Field<String> [Ask],
        /// Where. People go there, so they are asked.
        place: Field<String> [Ask],
        /// Whether it holds.
        state: Field<AppointmentState> [Ask],
        /// Whose it is.
        organizer: Field<RecordRef> [Ask],
        /// The customer or supplier.
        party: Field<RecordRef> [Ask],
        /// What it came of: a call, a quote, an order.
        about: Field<RecordRef> [Latest],
        /// Of one time of an appointment that comes again, which is not as the others: that appointment. The identity of such a
        /// record follows from the two, so that whoever moves one time moves the same record.
        one_of: Field<RecordRef> [Latest],
        /// Of such a one, the day on which it would begin.
        day: Field<NaiveDate> [Latest],
        /// What it is for.
        purpose: Prose [Text],
    }
    items {
        /// Colleagues, those who are there and those who are told.
        people: Attendee,
        /// People of the customer or supplier.
        guests: Guest,
        /// What colleagues say of it.
        comments: Comment,
    }
}

item! {
    /// A colleague on an appointment's list.
    Attendee {
        /// Who: a colleague, or a thing of the company's.
        who: Field<RecordRef> [Latest],
        /// To be there, or to be told.
        part: Field<Part> [Latest],
        /// What that one knows of it: the number of comments, and a digest of when and where it is. What differs is news. No
        /// clock says what somebody has read, since clocks differ.
        knows: Field<String> [Latest],
    }
}

item! {
    /// Somebody of the customer or supplier who is there.
    Guest {
        /// Who.
        contact: Field<RecordRef> [Latest],
    }
}

item! {
    /// What a colleague says of an appointment.
    Comment {
        /// Who.
        by: Field<RecordRef> [Latest],
        /// What.
        text: Field<String> [Latest],
        /// When, by that one's clock.
        written: Field<DateTime<Utc>> [Latest],
    }
}

record! {
    /// What somebody brought home from a visit. Each who was there writes one of their own; tasks are about it.
    Report: Report, version 1, life None;
    fields {
        /// What it is about.
        subject: Field<String> [Latest],
        /// The visit.
        appointment: Field<RecordRef> [Latest],
        /// Who wrote it.
        author: Field<RecordRef> [Latest],
        /// The customer or supplier.
        party: Field<RecordRef> [Ask],
        /// When its author was done with it, and those concerned were told.
        filed: Field<DateTime<Utc>> [Latest],
        /// What the customer is interested in; it becomes an area of interest of the customer.
        interests: Members [Union],
        /// Who was there.
        present: Prose [Text],
        /// What the customer needs.
        needs: Prose [Text],
        /// Who else offers it.
        competitors: Prose [Text],
        /// What was decided.
        decisions: Prose [Text],
    }
    items {
        /// Colleagues who get a copy.
        copies: ReportCopy,
    }
}

item! {
    /// A colleague who gets a copy of a report.
    ReportCopy {
        /// Who.
        employee: Field<RecordRef> [Latest],
        /// When that one read it.
        seen: Field<DateTime<Utc>> [Latest],
    }
}

record! {
    /// A room, a car or another thing of the company's that only one can have at a time.
    Resource: Resource, version 1, life None;
    fields {
        /// What it is called.
        name: Field<String> [Latest],
        /// Where it is.
        place: Field<String> [Latest],
        /// No longer there.
        discontinued: Field<bool> [Ask],
        /// Anything worth knowing.
        notes: Prose [Text],
    }
    items {}
}

record! {
    /// An offer to a customer.
    Quote: Quote, version 2, life Some("stage");
    fields {
        /// Number for people, from the series of the device that made it.
        number: Field<String> [Ask],
        /// Whom it is for.
        customer: Field<RecordRef> [Ask],
        /// Whom there it goes to.
        contact: Field<RecordRef> [Ask],
        /// Who answers for it.
        salesperson: Field<RecordRef> [Ask],
        /// What it is about.
        subject: Field<String> [Latest],
        /// The telephone call it came of.
        call: Field<RecordRef> [Latest],
        /// The customer's reference.
        reference: Field<String> [Latest],
        /// The currency of every line.
        currency: Field<Currency> [Ask],
        /// When it was written.
        date: Field<NaiveDate> [Latest],
        /// Until when it holds.
        valid_until: Field<NaiveDate> [Ask],
        /// Discount on the whole quote, after the lines' own.
        discount: Field<Percent> [Ask],
        /// What has been decided.
        stage: Field<Stage> [Ask],
        /// Which revision is being written, from 1.
        revision: Field<Decimal> [Latest],
        /// Why it was lost or won.
        outcome_reason: Field<String> [Latest],
        /// Text above the lines.
        opening: Prose [Text],
        /// Text below the lines.
        closing: Prose [Text],
        /// For colleagues only.
        notes: Prose [Text],
    }
    items {
        /// What is offered.
        lines: QuoteLine,
    }
}

item! {
    /// One line of a quote.
    QuoteLine {
        /// What is offered; empty for a text line.
        product: Field<RecordRef> [Ask],
        /// How it is described to the customer.
        text: Field<String> [Latest],
        /// How many.
        quantity: Field<Quantity> [Ask],
        /// Price of one unit, without VAT.
        unit_price: Field<Money> [Ask],
        /// Discount on this line.
        discount: Field<Percent> [Ask],
        /// VAT rate.
        vat_rate: Field<Percent> [Ask],
    }
}

record! {
    /// A sales order; in this slice as far as history needs it.
    Order: Order, version 2, life None;
    fields {
        /// Order number.
        number: Field<String> [Ask],
        /// Who bought.
        customer: Field<RecordRef> [Ask],
        /// Who bought there.
        contact: Field<RecordRef> [Ask],
        /// Who sold.
        salesperson: Field<RecordRef> [Ask],
        /// The currency of every line.
        currency: Field<Currency> [Ask],
        /// When it was placed.
        date: Field<NaiveDate> [Latest],
        /// When the customer wants it.
        required: Field<NaiveDate> [Ask],
        /// When it left.
        shipped: Field<NaiveDate> [Ask],
        /// Freight, without VAT.
        freight: Field<Money> [Ask],
        /// Who carries it.
        carrier: Field<String> [Latest],
        /// Anything worth remembering.
        notes: Prose [Text],
    }
    items {
        /// What was sold.
        lines: OrderLine,
        /// Where it went.
        addresses: Address,
    }
}

item! {
    /// One line of an order.
    OrderLine {
        /// What was sold.
        product: Field<RecordRef> [Ask],
        /// How it is described.
        text: Field<String> [Latest],
        /// How many.
        quantity: Field<Quantity> [Ask],
        /// Price of one unit, without VAT.
        unit_price: Field<Money> [Ask],
        /// Discount on this line.
        discount: Field<Percent> [Ask],
    }
}

record! {
    /// Something somebody must do.
    Task: Task, version 1, life Some("state");
    fields {
        /// What.
        title: Field<String> [Latest],
        /// About which record.
        about: Field<RecordRef> [Latest],
        /// Who.
        owner: Field<RecordRef> [Ask],
        /// When it should be done.
        due: Field<NaiveDate> [Ask],
        /// How far it is.
        state: Field<TaskState> [Ask],
        /// Anything worth remembering.
        notes: Prose [Text],
    }
    items {}
}

record! {
    /// A computer, phone or tablet of the company, and the person who uses it.
    Device: Device, version 1, life None;
    fields {
        /// What people call it.
        name: Field<String> [Latest],
        /// Who uses it.
        person: Field<String> [Latest],
        /// The colleague's own record, once there is one.
        employee: Field<RecordRef> [Latest],
        /// Which desk it stands on.
        desk: Field<Desk> [Latest],
        /// The letters that start the numbers it gives out.
        series: Field<String> [Ask],
        /// When it joined.
        joined: Field<DateTime<Utc>> [Latest],
    }
    items {}
}

impl RecordDef {
    /// The row of the table for a kind.
    pub const fn of(kind: RecordKind) -> &'static RecordDef {
        match kind {
            RecordKind::Customer => &Customer::DEF,
            RecordKind::Product => &Product::DEF,
            RecordKind::Supplier => &Supplier::DEF,
            RecordKind::Employee => &Employee::DEF,
            RecordKind::Quote => &Quote::DEF,
            RecordKind::Order => &Order::DEF,
            RecordKind::Task => &Task::DEF,
            RecordKind::Device => &Device::DEF,
            RecordKind::Contact => &Contact::DEF,
            RecordKind::Addressee => &Addressee::DEF,
            RecordKind::Presence => &Presence::DEF,
            RecordKind::Call => &Call::DEF,
            RecordKind::Appointment => &Appointment::DEF,
            RecordKind::Report => &Report::DEF,
            RecordKind::Resource => &Resource::DEF,
        }
    }
}

/// A record of any kind, typed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // Each variant is the struct of its name.
pub enum AnyRecord {
    Customer(Customer),
    Product(Product),
    Supplier(Supplier),
    Employee(Employee),
    Quote(Quote),
    Order(Order),
    Task(Task),
    Device(Device),
    Contact(Contact),
    Addressee(Addressee),
    Presence(Presence),
    Call(Call),
    Appointment(Appointment),
    Report(Report),
    Resource(Resource),
}

impl AnyRecord {
    /// Reads a record of whatever kind it is.
    pub fn read(tree: &crate::RecordTree) -> Self {
        match tree.record.kind {
            RecordKind::Customer => Self::Customer(Customer::read(tree)),
            RecordKind::Product => Self::Product(Product::read(tree)),
            RecordKind::Supplier => Self::Supplier(Supplier::read(tree)),
            RecordKind::Employee => Self::Employee(Employee::read(tree)),
            RecordKind::Quote => Self::Quote(Quote::read(tree)),
            RecordKind::Order => Self::Order(Order::read(tree)),
            RecordKind::Task => Self::Task(Task::read(tree)),
            RecordKind::Device => Self::Device(Device::read(tree)),
            RecordKind::Contact => Self::Contact(Contact::read(tree)),
            RecordKind::Addressee => Self::Addressee(Addressee::read(tree)),
            RecordKind::Presence => Self::Presence(Presence::read(tree)),
            RecordKind::Call => Self::Call(Call::read(tree)),
            RecordKind::Appointment => Self::Appointment(Appointment::read(tree)),
            RecordKind::Report => Self::Report(Report::read(tree)),
            RecordKind::Resource => Self::Resource(Resource::read(tree)),
        }
    }
}
