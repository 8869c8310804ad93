//! Reads the compose files as one document.

use std::{fs, path::Path};

use serde_norway::{Mapping, Value};

/// The file that docker-compose.yml includes.
pub(super) const INCLUDED: &str = "monitoring/compose.yml";

pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(super) fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// A file with the merged mappings expanded in each service.
pub(super) fn within(file: &str) -> Value {
    let mut compose: Value = serde_norway::from_str(&text(file)).unwrap();
    // A merged mapping may contain merges itself.
    compose.apply_merge().unwrap();
    compose.apply_merge().unwrap();
    compose
}

/// docker-compose.yml together with the file that it includes.
pub(super) fn compose() -> Value {
    let mut compose = within("docker-compose.yml");
    let included = &compose["include"][0];
    assert_eq!(included["path"].as_str(), Some(INCLUDED));
    // Otherwise its paths would be relative to its own folder.
    assert_eq!(included["project_directory"].as_str(), Some("."));
    let included = within(INCLUDED);
    for part in ["services", "networks", "volumes", "secrets"] {
        let into = compose[part].as_mapping_mut().unwrap();
        for (name, value) in included[part].as_mapping().unwrap() {
            let twice = into.insert(name.clone(), value.clone());
            assert!(twice.is_none(), "{name:?} is in both files");
        }
    }
    compose
}

/// The service of this name.
pub(super) fn service(name: &str) -> Mapping {
    let services = services(&compose());
    services.into_iter().find(|(other, _)| other == name).expect(name).1
}

/// The services with their names.
pub(super) fn services(compose: &Value) -> Vec<(String, Mapping)> {
    let services = compose["services"].as_mapping().unwrap();
    let service = |(name, service): (&Value, &Value)| {
        (name.as_str().unwrap().to_owned(), service.as_mapping().unwrap().clone())
    };
    services.iter().map(service).collect()
}

/// The networks of a service, which are a list, or names with what is said of each.
pub(super) fn networks(service: &Mapping) -> Vec<String> {
    let value = service.get("networks");
    match value.and_then(Value::as_mapping) {
        Some(named) => named.keys().map(|name| name.as_str().unwrap().to_owned()).collect(),
        None => strings(value),
    }
}

/// The strings of a list.
pub(super) fn strings(value: Option<&Value>) -> Vec<String> {
    let list = value.and_then(Value::as_sequence).into_iter().flatten();
    list.map(|one| one.as_str().unwrap().to_owned()).collect()
}

/// Every string of a document.
pub(super) fn all_strings(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(leaf) => into.push(leaf.clone()),
        Value::Sequence(list) => list.iter().for_each(|one| all_strings(one, into)),
        Value::Mapping(map) => map.values().for_each(|one| all_strings(one, into)),
        Value::Tagged(tagged) => all_strings(&tagged.value, into),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The megabytes of a size that ends in `m`, `mb` or `MiB`.
pub(super) fn megabytes(size: &str) -> u32 {
    size.trim_end_matches(|unit: char| unit.is_ascii_alphabetic()).parse().unwrap()
}
