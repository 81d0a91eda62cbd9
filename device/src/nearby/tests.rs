//! Two people in a basement, over real sockets and without a relay.
#![allow(clippy::unwrap_used)]

use super::around::Around;
use super::*;
use crate::engine::tests::{Desks, Told, create, done, founding, join, status};
use crate::{Device, Engine};
use mera_device_api::{Answer, Reply, Request};
use mera_schema::RecordKind;
use mera_sync_protocol::Replica;
use mera_trust::{Intent, Roles};

/// A device that answers, at an address of its own.
async fn answers(device: &Device) -> SocketAddr {
    answers_with(PICK_UP, device).await
}

/// The same, with so much patience for who does not say who he is.
async fn answers_with(patience: Duration, device: &Device) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    device.shared().with(|engine| engine.looks_around(true)).await;
    tokio::spawn(answer(device.shared().clone(), listener, patience));
    address
}

async fn calls(device: &Device, address: SocketAddr) -> io::Result<DeviceId> {
    device.shared().with(|engine| engine.looks_around(true)).await;
    call(device.shared(), address).await
}

async fn digest(device: &Device) -> String {
    device.with(|engine| status(engine).digest).await
}

async fn customers(device: &Device) -> usize {
    let list = Request::List { kind: RecordKind::Customer, query: String::new(), offset: 0, limit: 1 };
    let Answer::Ok(Reply::Page(page)) = device.request(list).await else { panic!() };
    page.total
}

fn writes(engine: &mut Engine, name: &str, many: usize) {
    for n in 0..many {
        done(engine, create(RecordKind::Customer, &[("name", &format!("{name} {n}"))]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_has_what_the_other_wrote_and_what_the_other_had_from_a_third_and_it_still_waits_for_the_relay() {
    let mut desks = Desks::new();
    let carlas = tempfile::tempdir().unwrap();
    let mut carla = join(&mut desks.anna, carlas.path(), founding("Carla", "C1"), Told::new(7), Roles::all());
    writes(&mut carla, "Skagen Fisk", 2);
    let chain = desks.anna.statements(0, usize::MAX).unwrap();
    desks.bo.learn(&chain).unwrap();
    desks.bo.take(carla.runs_after(carla.device(), 0, 0).unwrap(), None).unwrap();
    // More than fits into one run, or one message.
    writes(&mut desks.anna, "Aalborg Værft", 400);
    writes(&mut desks.bo, "Hvide Sande", 3);
    let Desks { folders: _folders, anna, bo } = desks;
    let bos = bo.device();
    let (anna, bo) = (Device::start(anna), Device::start(bo));
    let waiting = anna.with(|engine| status(engine).waiting_changes).await;
    let address = answers(&bo).await;
    assert_eq!(calls(&anna, address).await.unwrap(), bos);
    assert_eq!(digest(&anna).await, digest(&bo).await);
    assert_eq!((customers(&anna).await, customers(&bo).await), (405, 405));
    assert_eq!(anna.with(|engine| status(engine).waiting_changes).await, waiting, "a neighbour is no relay");
    for (device, other) in [(&anna, "Bo"), (&bo, "Anna")] {
        let nearby = device.with(|engine| status(engine).nearby).await.unwrap();
        assert_eq!(nearby.iter().map(|row| &*row.person).collect::<Vec<_>>(), [other]);
        device.with(crate::engine::tests::well).await;
    }
    // Again, in the other direction, and nothing is doubled.
    let address = answers(&anna).await;
    bo.with(|engine| writes(engine, "Thyborøn", 1)).await;
    calls(&bo, address).await.unwrap();
    assert_eq!((customers(&anna).await, digest(&anna).await), (406, digest(&bo).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_neighbour_of_another_company_a_revoked_one_and_one_that_is_unplugged_are_not_spoken_with() {
    let desks = Desks::new();
    let (bos, elsewhere) = (desks.bo.device(), tempfile::tempdir().unwrap());
    let stranger = Engine::found(elsewhere.path(), founding("Stranger", "S1"), Told::new(99)).unwrap();
    let (anna, bo, stranger) = (Device::start(desks.anna), Device::start(desks.bo), Device::start(stranger));
    let (at_anna, at_stranger) = (answers(&anna).await, answers(&stranger).await);
    assert!(calls(&stranger, at_anna).await.is_err());
    assert!(calls(&anna, at_stranger).await.is_err());
    assert!(calls(&bo, at_anna).await.is_ok());
    bo.request(Request::SetOnline { online: false }).await;
    assert!(calls(&bo, at_anna).await.is_err(), "a pulled cable is a pulled cable");
    bo.request(Request::SetOnline { online: true }).await;
    let revoked = anna.with(move |engine| {
        let statement = engine.draft(&Intent::Revoke { device: bos }).unwrap();
        engine.learn(&[statement]).is_ok()
    });
    assert!(revoked.await);
    anna.with(|engine| writes(engine, "Aalborg Værft", 1)).await;
    assert!(calls(&bo, at_anna).await.is_err());
    assert_eq!(customers(&bo).await, 0, "who was taken out gets nothing more");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_nothing_or_nonsense_takes_no_place_for_ever() {
    let desks = Desks::new();
    let (anna, bo) = (Device::start(desks.anna), Device::start(desks.bo));
    // Long enough for a colleague on a busy machine, and nobody waits for seconds.
    let address = answers_with(Duration::from_millis(400), &anna).await;
    let mut silent = Vec::new();
    for _ in 0..CALLERS {
        let mut stream = TcpStream::connect(address).await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut stream, &[48, 0, 1, 2, 3]).await.unwrap();
        silent.push(stream);
    }
    // They are let go after a moment, and the colleague gets a place.
    let mut tries = 0;
    while calls(&bo, address).await.is_err() {
        tries += 1;
        assert!(tries < 5, "no place came free");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_of_one_company_find_each_other_on_a_network_and_others_do_not() {
    let [ours, theirs] = [1, 2].map(|n| mera_schema::WorkspaceId::new(uuid::Uuid::from_u128(n)));
    let _stranger = Around::look(theirs, "stranger", 7003).unwrap();
    let _bo = Around::look(ours, "bo", 7002).unwrap();
    let mut anna = Around::look(ours, "anna", 7001).unwrap();
    timeout(Duration::from_secs(30), anna.changed()).await.unwrap().unwrap();
    let found = anna.found();
    assert_eq!(found.len(), 1);
    assert!(found[0].iter().all(|address| address.port() == 7002), "{found:?}");
}
