//! The steps of a quote: sent, revised, won, lost.

use crate::Refusal;
use chrono::NaiveDate;
use mera_schema::{Edit, Field, Quote, Stage};
use rust_decimal::Decimal;

/// A step of a quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It goes to the customer.
    Send,
    /// A new revision is begun.
    Revise,
    /// The customer said yes.
    Win,
    /// The customer said no.
    Lose,
}

/// Decides a step and gives the edits that record it.
pub fn step(quote: &Quote, step: Step, reason: &str, today: NaiveDate) -> Result<Vec<Edit>, Refusal> {
    follows(quote, step)?;
    match step {
        Step::Send => send(quote, today),
        Step::Revise => Ok(revise(quote)),
        Step::Win => decided(Stage::Won, reason),
        Step::Lose => {
            if reason.trim().is_empty() {
                return Err(Refusal::Missing { field: "outcome_reason" });
            }
            decided(Stage::Lost, reason)
        }
    }
}

/// Whether a step follows on the stage in which a quote stands, whatever else there is to say of it.
pub fn follows(quote: &Quote, step: Step) -> Result<(), Refusal> {
    let stage = match &quote.stage {
        Field::Clash { .. } => return Err(Refusal::Disputed { field: "stage".into() }),
        Field::One(stage) => *stage,
        Field::Empty => Stage::Draft,
    };
    match (step, stage) {
        (Step::Send, Stage::Draft)
        | (Step::Revise, Stage::Sent | Stage::Lost)
        | (Step::Win, Stage::Sent)
        | (Step::Lose, Stage::Draft | Stage::Sent) => Ok(()),
        _ => Err(Refusal::StepDoesNotFollow { stage }),
    }
}

/// What goes to a customer must be complete, and nobody may still disagree about it.
fn send(quote: &Quote, today: NaiveDate) -> Result<Vec<Edit>, Refusal> {
    settled(&quote.customer, "customer")?.ok_or(Refusal::Missing { field: "customer" })?;
    settled(&quote.currency, "currency")?;
    settled(&quote.discount, "discount")?;
    if let Some(until) = settled(&quote.valid_until, "valid_until")?
        && *until < today
    {
        return Err(Refusal::Expired { until: *until });
    }
    let mut offered = 0;
    for (id, line) in quote.lines.iter().filter(|(_, line)| line.is_live()) {
        let path = |field: &str| format!("lines/{id}/{field}");
        settled(&line.life, &path("life"))?;
        settled(&line.quantity, &path("quantity"))?;
        settled(&line.unit_price, &path("unit_price"))?;
        settled(&line.discount, &path("discount"))?;
        settled(&line.vat_rate, &path("vat_rate"))?;
        offered += 1;
    }
    if offered == 0 {
        return Err(Refusal::NothingOffered);
    }
    Ok(vec![Edit::set("stage", Stage::Sent), Edit::set("date", today)])
}

fn revise(quote: &Quote) -> Vec<Edit> {
    let next = quote.revision.provisional().copied().unwrap_or(Decimal::ONE) + Decimal::ONE;
    vec![Edit::set("stage", Stage::Draft), Edit::set("revision", next)]
}

fn decided(stage: Stage, reason: &str) -> Result<Vec<Edit>, Refusal> {
    let mut edits = vec![Edit::set("stage", stage)];
    if !reason.trim().is_empty() {
        edits.push(Edit::set("outcome_reason", reason.trim()));
    }
    Ok(edits)
}

fn settled<'a, T>(field: &'a Field<T>, name: &str) -> Result<Option<&'a T>, Refusal> {
    if field.is_clash() { Err(Refusal::Disputed { field: name.to_owned() }) } else { Ok(field.agreed()) }
}
