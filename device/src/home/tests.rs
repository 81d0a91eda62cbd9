//! A company is founded and joined through the contract, from an empty folder.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::surroundings::trial::Trial;
use mera_device_api::{About, Notice, Reply, SyncStatus};
use mera_schema::{Desk, RecordKind};
use std::fs;

async fn home(folder: &Path) -> Home {
    Home::open(folder, Arc::new(Trial { keyring: true })).await
}

/// Asks until whoever had the device has let go of it, which takes a moment: its line is ended first.
async fn let_in(home: Home) -> Home {
    while matches!(home.request(Request::About).await, Answer::Refused(refused) if refused.code == "device.in_use") {
        tokio::task::yield_now().await;
    }
    home
}

fn found(person: &str) -> Request {
    Request::Found {
        person: person.into(),
        name: format!("{person}s pc"),
        desk: Desk::Office,
        series: "A1".into(),
        relay: None,
        passphrase: None,
    }
}

async fn refused(home: &Home, request: Request) -> Refused {
    let Answer::Refused(refused) = home.request(request).await else { panic!("it was not refused") };
    refused
}

async fn about(home: &Home, request: Request) -> About {
    match home.request(request).await {
        Answer::Ok(Reply::About(about)) => *about,
        other => panic!("{other:?}"),
    }
}

async fn status(home: &Home, request: Request) -> SyncStatus {
    match home.request(request).await {
        Answer::Ok(Reply::SyncStatus(status)) => status,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_person_founds_a_company_in_an_empty_folder() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("not/made/yet");
    let anna = home(&place).await;
    assert_eq!(anna.shut().await.unwrap().code, "device.none");
    assert_eq!(refused(&anna, Request::About).await.code, "device.none");
    assert_eq!(refused(&anna, Request::Clashes).await.code, "device.none");
    let mut heard = anna.notices();
    let founded = about(&anna, found("Anna")).await;
    assert_eq!((founded.person.as_str(), founded.desk.as_str(), founded.records), ("Anna", "office", 1));
    let notice: Notice = serde_json::from_str(&heard.recv().await.unwrap()).unwrap();
    assert_eq!(notice, Notice::Changed { records: Vec::new() }, "other screens ask again");
    let create = Request::Create { kind: RecordKind::Customer, values: vec![("name".into(), "Aalborg Værft".into())] };
    assert!(matches!(anna.request(create).await, Answer::Ok(_)));
    assert!(heard.recv().await.unwrap().contains("customer/"), "who listened before goes on hearing");

    let code = founded.recovery_code.unwrap();
    assert!(code.parse::<mera_trust::RecoveryCode>().is_ok());
    assert_eq!(about(&anna, Request::About).await.recovery_code, None, "it is told once");

    drop(anna);
    let again = let_in(home(&place).await).await;
    assert_eq!(about(&again, Request::About).await.device, founded.device);
}

#[tokio::test]
async fn what_cannot_stand_is_refused_at_its_field_and_leaves_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("device");
    let home = home(&place).await;
    let expired = mera_trust::Invitation {
        relay: "ws://127.0.0.1:1/sync".into(),
        workspace: mera_schema::WorkspaceId::new(uuid::Uuid::nil()),
        secret: [0; 16],
        expires: 0,
    };
    let code = mera_trust::RecoveryCode::from_seed([7; 32]);
    let recover = |code: &str, relay: &str, company: &str| {
        format!(
            r#"{{"do":"recover","code":"{code}","company":"{company}","relay":"{relay}","person":"Rikke","name":"Pc","series":"R1"}}"#
        )
    };
    let near = "ws://127.0.0.1:1/sync";
    let id = mera_schema::WorkspaceId::new(uuid::Uuid::nil()).to_string();
    let [no_code, newer, no_company, strange, no_relay, no_address] = [
        recover("hello", near, &id),
        recover("MERA-RECOVERY7-AAAA", near, &id),
        recover(&code.to_string(), near, ""),
        recover(&code.to_string(), near, "Aalborg"),
        recover(&code.to_string(), " ", &id),
        recover(&code.to_string(), "http://10.0.0.2", &id),
    ];
    let expired = format!(r#"{{"do":"join","invitation":"{expired}","name":"Pc","series":"A1"}}"#);
    for (body, code, field) in [
        (r#"{"do":"found","person":" ","name":"Pc","series":"A1"}"#, "founding.no_person", "person"),
        (r#"{"do":"found","person":"Anna","name":"Pc","series":"aa"}"#, "founding.series", "series"),
        (r#"{"do":"join","invitation":"hello","name":"Pc","series":"A1"}"#, "invitation.none", "invitation"),
        (r#"{"do":"join","invitation":"MERA2-AAAA","name":"Pc","series":"A1"}"#, "invitation.newer", "invitation"),
        (expired.as_str(), "invitation.expired", "invitation"),
        (r#"{"do":"found","person":"Anna","name":"Pc","series":"A1","relay":"x"}"#, "founding.relay", "relay"),
        (no_code.as_str(), "recovery.no_code", "code"),
        (newer.as_str(), "recovery.newer", "code"),
        (no_company.as_str(), "recovery.no_company", "company"),
        (strange.as_str(), "recovery.not_a_company", "company"),
        (no_relay.as_str(), "recovery.no_relay", "relay"),
        (no_address.as_str(), "founding.relay", "relay"),
    ] {
        let Answer::Refused(refused) = serde_json::from_str(&home.request_json(body.to_owned()).await).unwrap() else {
            panic!("{body}")
        };
        assert_eq!((refused.code.as_str(), refused.field.as_deref()), (code, Some(field)), "{body}");
    }
    assert!(!place.exists(), "nothing was made");
    assert_eq!(home.shut().await.unwrap().code, "device.none");
}

#[tokio::test]
async fn a_device_is_never_founded_over() {
    let folder = tempfile::tempdir().unwrap();
    let anna = home(folder.path()).await;
    let device = about(&anna, found("Anna")).await.device;
    assert_eq!(refused(&anna, found("Bo")).await.code, "device.exists");

    let second = home(folder.path()).await;
    assert_eq!(refused(&second, Request::About).await.code, "device.in_use");
    assert_eq!(refused(&second, found("Bo")).await.code, "device.in_use");
    drop(anna);
    let second = let_in(second).await;
    assert_eq!(about(&second, Request::About).await.device, device, "the way is clear, and nobody had to start again");
}

#[tokio::test]
async fn a_folder_that_was_half_written_is_handled() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    let half = |name: &str, file: &str, text: &str| {
        fs::create_dir_all(place(name)).unwrap();
        fs::write(place(name).join(file), text).unwrap();
    };

    half("before the name", "device.new", "{\"form");
    let person = about(&home(&place("before the name")).await, found("Anna")).await.person;
    assert_eq!(person, "Anna", "what has no name yet is no device");

    half("identity only", "x", "");
    let whole = home(&place("whole")).await;
    let device = about(&whole, found("Anna")).await.device;
    drop(whole);
    for file in ["members", "device.json"] {
        fs::copy(place("whole").join(file), place("identity only").join(file)).unwrap();
    }
    assert_eq!(about(&home(&place("identity only")).await, Request::About).await.device, device);

    half("cut", "device.json", "{\"format\": 1, \"work");
    let cut = home(&place("cut")).await;
    assert_eq!(refused(&cut, Request::About).await.code, "device.identity_unreadable");
    assert_eq!(refused(&cut, found("Anna")).await.code, "device.exists", "a key is never written over");

    fs::remove_file(place("whole/device.json")).unwrap();
    let orphaned = home(&place("whole")).await;
    assert_eq!(refused(&orphaned, Request::About).await.code, "device.no_identity");
    assert_eq!(refused(&orphaned, found("Anna")).await.code, "device.no_identity");
    assert!(!place("whole/device.json").exists());

    fs::write(place("file"), "").unwrap();
    let file = home(&place("file")).await;
    let refusal = refused(&file, found("Anna")).await;
    assert_eq!(refusal.code, "device.folder");
    assert!(refusal.args["folder"].ends_with("file"));
}

#[tokio::test]
async fn a_relay_is_set_on_a_running_device_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let anna = home(folder.path()).await;
    about(&anna, found("Anna")).await;
    let set = |relay: Option<&str>| Request::SetRelay { relay: relay.map(str::to_owned) };
    let wrong = refused(&anna, set(Some("http://10.0.0.2"))).await;
    assert_eq!((wrong.code.as_str(), wrong.field.as_deref()), ("founding.relay", Some("relay")));
    let near = "ws://127.0.0.1:1/sync".to_owned();
    assert_eq!(status(&anna, set(Some("ws://127.0.0.1:1"))).await.relay, Some(near.clone()));
    drop(anna);
    let again = let_in(home(folder.path()).await).await;
    assert_eq!(status(&again, Request::SyncStatus).await.relay, Some(near));
    assert_eq!(status(&again, set(None)).await.relay, None);
}

async fn without_keyring(folder: &Path) -> Home {
    Home::open(folder, Arc::new(Trial { keyring: false })).await
}

#[tokio::test]
async fn where_no_keyring_answers_a_passphrase_is_chosen_and_opens_the_device_again() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("device");
    let anna = without_keyring(&place).await;
    assert_eq!(refused(&anna, Request::About).await.args["keyring"], "none");
    let chosen = |passphrase: Option<&str>| {
        let Request::Found { person, name, desk, series, relay, .. } = found("Anna") else { panic!() };
        Request::Found { person, name, desk, series, relay, passphrase: passphrase.map(str::to_owned) }
    };
    for (passphrase, code) in [
        (None, "founding.no_keyring"),
        (Some(""), "founding.no_keyring"),
        (Some("  short  "), "founding.passphrase_short"),
    ] {
        let refusal = refused(&anna, chosen(passphrase)).await;
        assert_eq!((refusal.code.as_str(), refusal.field.as_deref()), (code, Some("passphrase")));
    }
    let made = about(&anna, chosen(Some("blå hest på taget"))).await;
    assert_eq!(made.key, "passphrase");
    drop(anna);

    let again = let_in(without_keyring(&place).await).await;
    assert_eq!(refused(&again, Request::Clashes).await.code, "device.locked");
    let unlock = |passphrase: &str| Request::Unlock { passphrase: passphrase.into() };
    let wrong = refused(&again, unlock("rød hest på taget")).await;
    assert_eq!((wrong.code.as_str(), wrong.field.as_deref()), ("device.wrong_passphrase", Some("passphrase")));
    assert_eq!(refused(&again, Request::About).await.code, "device.locked", "a wrong one opens nothing");
    let mut heard = again.notices();
    assert_eq!(about(&again, unlock("blå hest på taget")).await.device, made.device);
    assert!(heard.recv().await.unwrap().contains("changed"), "other screens ask again");
    assert_eq!(about(&again, unlock("anything")).await.device, made.device, "it is open already");

    let keep = |passphrase: Option<&str>, former: Option<&str>| Request::KeepKey {
        passphrase: passphrase.map(str::to_owned),
        former: former.map(str::to_owned),
    };
    let (blue, green) = ("blå hest på taget", "grøn ko i haven");
    assert_eq!(refused(&again, keep(Some("short"), Some(blue))).await.code, "founding.passphrase_short");
    // Whoever finds a device open does not shut its person out.
    for (former, code) in [(None, "device.former_passphrase"), (Some("rød hest"), "device.wrong_passphrase")] {
        for next in [Some(green), None] {
            let no = refused(&again, keep(next, former)).await;
            assert_eq!((no.code.as_str(), no.field.as_deref()), (code, Some("former")));
        }
    }
    assert_eq!(refused(&again, keep(None, Some(blue))).await.code, "founding.no_keyring");
    assert_eq!(about(&again, keep(Some(green), Some(blue))).await.key, "passphrase");
    drop(again);
    let last = let_in(without_keyring(&place).await).await;
    assert_eq!(refused(&last, unlock("blå hest på taget")).await.code, "device.wrong_passphrase");
    assert_eq!(about(&last, unlock("grøn ko i haven")).await.device, made.device);
}

#[tokio::test]
async fn a_passphrase_can_be_brought_when_the_home_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let world: Arc<dyn Surroundings> = Arc::new(Trial { keyring: true });
    let anna = home(folder.path()).await;
    about(&anna, found("Anna")).await;
    assert_eq!(
        about(&anna, Request::KeepKey { passphrase: Some("blå hest på taget".into()), former: None }).await.key,
        "passphrase"
    );
    drop(anna);
    let brought = Brought { passphrase: Some(Passphrase::said("blå hest på taget")), key_file: None };
    let again = let_in(Home::open_with(folder.path(), world, brought).await).await;
    let former = Some("blå hest på taget".to_owned());
    assert_eq!(about(&again, Request::KeepKey { passphrase: None, former }).await.key, "keyring");
    assert!(!folder.path().join("device.key").exists());
    drop(again);
    assert_eq!(about(&let_in(home(folder.path()).await).await, Request::About).await.key, "keyring");
    let elsewhere = let_in(without_keyring(folder.path()).await).await;
    assert_eq!(refused(&elsewhere, Request::About).await.code, "device.keyring_silent");
}

#[tokio::test]
async fn who_comes_back_where_no_key_can_be_kept_is_told_before_the_relay_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("device");
    let home = without_keyring(&place).await;
    let code = mera_trust::RecoveryCode::from_seed([7; 32]).of(mera_schema::WorkspaceId::new(uuid::Uuid::nil()));
    let recover = Request::Recover {
        code: code.to_string(),
        company: None,
        // Nobody answers there, which would be another refusal.
        relay: "ws://127.0.0.1:1".into(),
        person: "Rikke".into(),
        name: "Rikkes pc".into(),
        desk: Desk::Office,
        series: "R1".into(),
        passphrase: None,
    };
    let refusal = refused(&home, recover).await;
    assert_eq!((refusal.code.as_str(), refusal.field.as_deref()), ("founding.no_keyring", Some("passphrase")));
    assert!(!place.exists());
}

#[tokio::test]
async fn a_company_without_a_relay_makes_a_new_recovery_code_at_once_and_tells_it_once() {
    let folder = tempfile::tempdir().unwrap();
    let anna = home(folder.path()).await;
    let founded = about(&anna, found("Anna")).await;
    let mut codes = vec![founded.recovery_code.unwrap()];
    for _ in 0..2 {
        let Answer::Ok(Reply::RecoveryCode(sheet)) = anna.request(Request::NewRecoveryCode).await else { panic!() };
        assert_eq!((sheet.company, sheet.relay), (founded.workspace, None));
        assert!(!codes.contains(&sheet.code), "each is another one");
        codes.push(sheet.code);
        assert_eq!(about(&anna, Request::About).await.recovery_code, None, "nobody else is told");
    }
}
