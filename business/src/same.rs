//! A company or person who is in the records twice: which of the two stands, and what it takes from the other.

use crate::Refusal;
use mera_schema::{
    Edit, FieldPath, Form, ItemId, LIFE, Life, Node, ORDER, Place, RecordDef, RecordRef, RecordTree, SAME_AS,
};

/// What saying that `one` is the same as `whole` writes in each of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merging {
    /// In the one that stands for both: what only the other said.
    pub whole: Vec<Edit>,
    /// In the other: which it is.
    pub one: Vec<Edit>,
}

/// Says that two records are one. Nothing is lost: what the other says stays in it, what only it says is taken over, and what points
/// at it is read as if it pointed at the one that stands. Two different registrations are two companies, whatever they are called.
pub fn merge(one: &RecordTree, whole: &RecordTree) -> Result<Merging, Refusal> {
    let def = RecordDef::of(one.record.kind);
    if one.record == whole.record || one.record.kind != whole.record.kind || !def.may_be_another() {
        return Err(Refusal::NotTheSame);
    }
    let vat = |tree: &RecordTree| tree.root.value("vat_number").map(bare).filter(|number| !number.is_empty());
    if let (Some(ours), Some(theirs)) = (vat(whole), vat(one))
        && ours != theirs
    {
        return Err(Refusal::OtherRegistration { ours, theirs });
    }
    let said = Edit::set(SAME_AS, whole.record);
    Ok(Merging { whole: taken_over(one, whole), one: vec![said] })
}

/// Says that they are two after all.
pub fn apart() -> Vec<Edit> {
    vec![Edit::Set { path: FieldPath::root(SAME_AS), value: None }]
}

fn bare(number: &str) -> String {
    number.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase()
}

fn taken_over(one: &RecordTree, whole: &RecordTree) -> Vec<Edit> {
    let mut edits = Vec::new();
    for field in RecordDef::of(one.record.kind).fields.iter().filter(|field| field.name != SAME_AS) {
        let path = FieldPath::root(field.name);
        match field.form {
            Form::Prose => edits.extend(text(path, &one.root, &whole.root)),
            Form::Members => {
                let (theirs, ours) = (one.root.sets.get(field.name), whole.root.sets.get(field.name));
                let fresh =
                    theirs.into_iter().flatten().filter(|member| ours.is_none_or(|ours| !ours.contains(*member)));
                edits.extend(fresh.map(|member| Edit::Include { path: path.clone(), member: member.clone() }));
            }
            _ => {
                let (theirs, ours) = (one.root.value(field.name), whole.root.value(field.name));
                if let (Some(theirs), None | Some("")) = (theirs.filter(|text| !text.is_empty()), ours) {
                    edits.push(Edit::set(field.name, theirs));
                }
            }
        }
    }
    for (collection, items) in &one.items {
        let ours = whole.items.get(collection);
        for (item, node) in items.iter().filter(|(_, node)| node.value(LIFE) != Some(Life::Removed.as_str())) {
            let known = ours.into_iter().flatten().any(|(_, ours)| fields_of(ours) == fields_of(node));
            if !known {
                edits.push(Edit::Add {
                    collection: collection.clone(),
                    item: copy_of(whole.record, *item),
                    values: values_of(node),
                });
            }
        }
    }
    edits.retain(|edit| !is_there(edit, whole));
    edits
}

/// What both wrote, one below the other; once is enough for what is the same.
fn text(path: FieldPath, one: &Node, whole: &Node) -> Option<Edit> {
    let theirs = one.texts.get(&path.field).map(|text| text.trim()).filter(|text| !text.is_empty())?;
    let ours = whole.texts.get(&path.field).map(|text| text.trim()).unwrap_or_default();
    let text = match ours {
        "" => theirs.to_owned(),
        ours if ours.contains(theirs) => return None,
        ours => format!("{ours}\n\n{theirs}"),
    };
    Some(Edit::Write { path, text })
}

/// Two devices that merge the same two records add the same item.
fn copy_of(whole: RecordRef, item: ItemId) -> ItemId {
    ItemId::derived(whole.id, &item.to_string())
}

fn is_there(edit: &Edit, whole: &RecordTree) -> bool {
    let Edit::Add { collection, item, .. } = edit else { return false };
    whole.node(&Place::Item { collection: collection.clone(), item: *item }).is_some()
}

/// What an item says, without its place among others.
fn fields_of(node: &Node) -> Vec<(&str, &str)> {
    let said = node.values.keys().filter(|name| ![LIFE, ORDER].contains(&name.as_str()));
    said.filter_map(|name| Some((name.as_str(), node.value(name)?))).filter(|(_, value)| !value.is_empty()).collect()
}

fn values_of(node: &Node) -> Vec<(String, String)> {
    let order = node.value(ORDER).map(|order| (ORDER, order));
    fields_of(node).into_iter().chain(order).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use mera_schema::{Authorship, Candidate, DeviceId, RecordId, RecordKind};
    use uuid::Uuid;

    fn candidates(value: &str) -> Vec<Candidate<String>> {
        let by = Authorship { device: DeviceId::new(Uuid::nil()), at: chrono::DateTime::default() };
        vec![Candidate { value: value.to_owned(), by }]
    }

    fn node(values: &[(&str, &str)]) -> Node {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), candidates(value))).collect();
        Node { values, ..Node::default() }
    }

    fn tree(kind: RecordKind, number: u128, values: &[(&str, &str)]) -> RecordTree {
        let record = RecordRef::new(kind, RecordId::new(Uuid::from_u128(number)));
        RecordTree { root: node(values), ..RecordTree::empty(record, RecordDef::of(kind).version) }
    }

    fn customer(number: u128, values: &[(&str, &str)]) -> RecordTree {
        tree(RecordKind::Customer, number, values)
    }

    #[test]
    fn what_only_the_other_said_is_taken_over_and_what_stands_stays() {
        let mut one = customer(1, &[("name", "Aalborg Vaerft"), ("phone", "98120000"), ("number", "K-B-0001")]);
        let mut whole = customer(2, &[("name", "Aalborg Værft"), ("number", "K-A-0001"), ("phone", "")]);
        one.root.texts.insert("notes".into(), "Ring efter kl. 10".into());
        whole.root.texts.insert("notes".into(), "Porten er bagved".into());
        one.root.sets.insert("interests".into(), ["pumper".to_owned(), "ventiler".to_owned()].into());
        whole.root.sets.insert("interests".into(), ["ventiler".to_owned()].into());
        let place = [("purpose", "visit"), ("street", "Havnen 1"), ("city", "Aalborg")];
        let (known, fresh) = (ItemId::new(Uuid::from_u128(3)), ItemId::new(Uuid::from_u128(4)));
        let delivery = node(&[("purpose", "delivery"), ("street", "Kaj 7"), (ORDER, "000002"), (LIFE, "live")]);
        one.items.insert("addresses".into(), [(known, node(&place)), (fresh, delivery)].into());
        whole.items.insert("addresses".into(), [(ItemId::new(Uuid::from_u128(5)), node(&place))].into());
        let merging = merge(&one, &whole).unwrap();
        assert_eq!(merging.one, [Edit::set(SAME_AS, whole.record)]);
        let notes =
            Edit::Write { path: FieldPath::root("notes"), text: "Porten er bagved\n\nRing efter kl. 10".into() };
        let interest = Edit::Include { path: FieldPath::root("interests"), member: "pumper".into() };
        assert!(merging.whole.contains(&Edit::set("phone", "98120000")));
        assert!(merging.whole.contains(&notes) && merging.whole.contains(&interest));
        let added = merging.whole.iter().filter(
            |edit| matches!(edit, Edit::Add { values, .. } if values.contains(&("street".into(), "Kaj 7".into()))),
        );
        assert_eq!((added.count(), merging.whole.len()), (1, 4));
        for edit in &merging.whole {
            edit.check(&mera_schema::Customer::DEF).unwrap();
        }
    }

    #[test]
    fn two_registrations_are_two_companies_and_a_record_is_never_another_kind_or_itself() {
        let danish = customer(1, &[("vat_number", "DK 12 34 56 78")]);
        let other = customer(2, &[("vat_number", "DK87654321")]);
        assert!(matches!(merge(&danish, &other), Err(Refusal::OtherRegistration { .. })));
        assert!(merge(&danish, &customer(3, &[("vat_number", "dk12345678")])).is_ok(), "however it is written");
        assert_eq!(merge(&danish, &danish).map(drop), Err(Refusal::NotTheSame));
        assert_eq!(merge(&danish, &tree(RecordKind::Supplier, 4, &[])).map(drop), Err(Refusal::NotTheSame));
        let (a, b) = (tree(RecordKind::Quote, 1, &[]), tree(RecordKind::Quote, 2, &[]));
        assert_eq!(merge(&a, &b).map(drop), Err(Refusal::NotTheSame));
    }
}
