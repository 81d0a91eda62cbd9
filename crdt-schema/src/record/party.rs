//! Companies that buy and sell, and their people. Each declaration is a row of the table of fields *and* a typed struct.

use crate::table::{item, record};
use crate::{Currency, Field, Members, Money, Percent, Prose, RecordRef};
use chrono::NaiveDate;

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
