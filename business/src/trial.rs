//! What tests of steps share: records by number, and edits written down as a document would take them.

use mera_schema::{
    Authorship, Candidate, DeviceId, Edit, Node, Place, RecordDef, RecordId, RecordKind, RecordRef, RecordTree,
};
use uuid::Uuid;

pub const fn named(kind: RecordKind, number: u128) -> RecordRef {
    RecordRef::new(kind, RecordId::new(Uuid::from_u128(number)))
}

/// Edits of one person after another.
pub fn write(tree: &mut RecordTree, edits: Vec<Edit>) {
    let by = Authorship { device: DeviceId::new(Uuid::nil()), at: chrono::DateTime::UNIX_EPOCH };
    for edit in edits {
        edit.check(RecordDef::of(tree.record.kind)).unwrap();
        match edit {
            Edit::Set { path, value } => {
                let node = match &path.place {
                    Place::Root => &mut tree.root,
                    Place::Item { collection, item } => tree.items.get_mut(collection).unwrap().get_mut(item).unwrap(),
                };
                match value {
                    Some(value) => node.values.insert(path.field, vec![Candidate { value, by }]),
                    None => node.values.remove(&path.field),
                };
            }
            Edit::Add { collection, item, values } => {
                let life = ("life".to_owned(), "live".to_owned());
                let values = values.into_iter().chain([life]);
                let values = values.map(|(name, value)| (name, vec![Candidate { value, by }])).collect();
                tree.items.entry(collection).or_default().insert(item, Node { values, ..Node::default() });
            }
            Edit::Write { .. } => {}
            Edit::Include { .. } | Edit::Exclude { .. } => panic!("no step writes in a set"),
        }
    }
}
