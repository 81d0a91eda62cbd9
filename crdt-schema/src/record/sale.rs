//! What is sold, offered and ordered. Each declaration is a row of the table of fields *and* a typed struct.

use super::party::Address;
use crate::table::{item, record};
use crate::{Currency, Field, Money, Percent, Prose, Quantity, RecordRef, Stage};
use chrono::NaiveDate;
use rust_decimal::Decimal;

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
