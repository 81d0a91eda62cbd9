//! A written profile is checked against the table of fields before a file is opened.

use super::{BesideRule, FieldRule, From, ItemRule, Profile, ProfileFault, Rows, SheetRule, written};
use mera_schema::{CollectionDef, Currency, FieldDef, Form, LIFE, ORDER, RecordDef};
use std::collections::BTreeMap;

pub fn profile(written: written::Profile) -> Result<Profile, ProfileFault> {
    let written::Profile { name, says, currency, decimal, newline, days, sheets } = written;
    let sheets = sheets.into_iter().map(|written| sheet(written, currency)).collect::<Result<_, _>>()?;
    Ok(Profile { name, says, decimal, newline, days, sheets })
}

fn sheet(written: written::Sheet, currency: Option<Currency>) -> Result<SheetRule, ProfileFault> {
    let written::Sheet { name, record, of, owner, into, key, repeats, fields, items, beside } = written;
    let kind = record.or(of).ok_or_else(|| ProfileFault::Rows { sheet: name.clone() })?;
    let def = RecordDef::of(kind);
    let (rows, own) = match (record, of, owner, into) {
        (Some(kind), None, None, None) => (Rows::Records { kind, repeats }, def.fields),
        (None, Some(kind), Some(owner), Some(into)) if !repeats && items.is_empty() && beside.is_empty() => {
            let collection = collection(&name, def, &into)?;
            (Rows::Items { kind, owner, into: collection.name }, collection.fields)
        }
        _ => return Err(ProfileFault::Rows { sheet: name }),
    };
    let fields = rules(&name, own, fields, currency)?;
    let item = |written: written::Item| {
        let collection = collection(&name, def, &written.into)?;
        let key = written.key.map(written::Columns::all).unwrap_or_default();
        let fields = rules(&name, collection.fields, written.fields, currency)?;
        Ok(ItemRule { into: collection.name, key, fields })
    };
    let items = items.into_iter().map(item).collect::<Result<_, _>>()?;
    let beside = beside.into_iter().map(|written| record_beside(&name, written, currency)).collect::<Result<_, _>>()?;
    Ok(SheetRule { name, rows, key: key.all(), fields, items, beside })
}

fn record_beside(
    sheet: &str,
    written: written::Beside,
    currency: Option<Currency>,
) -> Result<BesideRule, ProfileFault> {
    let def = RecordDef::of(written.record);
    let links = || def.fields.iter().filter(|field| field.form == Form::Link);
    let link = links().find(|field| field.name == written.link).ok_or_else(|| ProfileFault::Unknown {
        sheet: sheet.to_owned(),
        what: format!("link {:?} in a {}", written.link, def.kind),
        there: links().map(|field| field.name).collect::<Vec<_>>().join(", "),
    })?;
    let fields = rules(sheet, def.fields, written.fields, currency)?;
    Ok(BesideRule { kind: written.record, link: link.name, fields })
}

fn collection(sheet: &str, def: &RecordDef, into: &str) -> Result<&'static CollectionDef, ProfileFault> {
    def.collections.iter().find(|collection| collection.name == into).ok_or_else(|| ProfileFault::Unknown {
        sheet: sheet.to_owned(),
        what: format!("collection {into:?} in a {}", def.kind),
        there: def.collections.iter().map(|collection| collection.name).collect::<Vec<_>>().join(", "),
    })
}

fn rules(
    sheet: &str,
    defs: &'static [FieldDef],
    written: BTreeMap<String, written::Source>,
    currency: Option<Currency>,
) -> Result<Vec<FieldRule>, ProfileFault> {
    let open = |def: &&FieldDef| ![LIFE, ORDER].contains(&def.name);
    let one = |(name, written::Source(rule)): (String, written::Source)| {
        let def = defs.iter().filter(open).find(|def| def.name == name).copied();
        let def = def.ok_or_else(|| ProfileFault::Unknown {
            sheet: sheet.to_owned(),
            what: format!("field {name:?}"),
            there: defs.iter().filter(open).map(|def| def.name).collect::<Vec<_>>().join(", "),
        })?;
        field(def, rule, currency).map_err(|says| ProfileFault::Rule { sheet: sheet.to_owned(), field: name, says })
    };
    written.into_iter().map(one).collect()
}

fn field(def: FieldDef, rule: written::Rule, currency: Option<Currency>) -> Result<FieldRule, &'static str> {
    let from = match (rule.column, rule.value) {
        (Some(columns), None) => From::Columns(columns.all()),
        (None, Some(value)) => From::Value(value),
        _ => return Err("say either `column` or `value`"),
    };
    let figure = matches!(def.form, Form::Number | Form::Money | Form::Quantity | Form::Percent);
    let currency = rule.currency.or(currency);
    if def.form == Form::Money && currency.is_none() {
        return Err("money needs a `currency`, here or for the whole profile");
    }
    if def.form == Form::Quantity && rule.unit.is_none() {
        return Err("a quantity needs a `unit`");
    }
    if (def.form == Form::Link) != rule.link.is_some() {
        return Err("`link` names the kind of record that a field points at, and only such a field has one");
    }
    if !figure && (rule.round.is_some() || rule.times.is_some()) {
        return Err("only figures can be rounded and multiplied");
    }
    if rule.split.is_some() && def.form != Form::Members {
        return Err("only a set of words is split");
    }
    Ok(FieldRule {
        def,
        from,
        join: rule.join.unwrap_or_else(|| " ".into()),
        trim: rule.trim,
        split: rule.split.unwrap_or_else(|| ",".into()),
        currency,
        unit: rule.unit,
        round: rule.round,
        times: rule.times,
        link: rule.link,
        words: rule.words,
        lookup: rule.lookup,
    })
}
