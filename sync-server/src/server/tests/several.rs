//! Several relays of one log, over real sockets: a device finds at one what it left at another, and who invites meets who comes.

use super::*;
use crate::SharedLog;
use crate::log::tests::nats::Nats;
use mera_sync_protocol::Cursor;

/// A relay of a shared log.
async fn one_of(nats: &Nats, folder: &std::path::Path) -> RelayHandle {
    start(RelayConfig { log: Some(SharedLog::at(nats.url())), ..config(folder) }).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pushed_at_one_relay_is_delivered_at_another_at_once_and_a_device_goes_on_there_from_its_place() {
    let Some(nats) = Nats::start() else { return };
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let relays = [one_of(&nats, folders[0].path()).await, one_of(&nats, folders[1].path()).await];
    let (mut anna, bo) = (Laptop::new(1, 3), Laptop::new(2, 0));
    let on_disk =
        |seq: u64| move |effect: &ClientEffect| matches!(effect, ClientEffect::Acked { seq: s, .. } if *s == seq);
    let mut socket = connect(&relays[0]).await;
    let mut session = ClientSession::new(anna.key.clone(), company(), None);
    speak_until(&anna, &mut session, &mut socket, on_disk(3)).await;
    let mut bos_socket = connect(&relays[1]).await;
    let mut bos = ClientSession::new(bo.key.clone(), company(), None);
    speak_until(&bo, &mut bos, &mut bos_socket, brings(anna.device(), 3)).await;
    anna.log = Laptop::new(1, 4).log;
    for effect in session.committed(&anna).unwrap() {
        send(&mut socket, Some(effect)).await;
    }
    speak_until(&bo, &mut bos, &mut bos_socket, brings(anna.device(), 4)).await;
    // Bo comes to the other relay with the place that this one gave it.
    drop(bos_socket);
    let mut again = connect(&relays[0]).await;
    let Message::Binary(challenge) = again.next().await.unwrap().unwrap() else { panic!() };
    let Frame::Challenge { epoch, .. } = Frame::decode(&challenge).unwrap() else { panic!() };
    let mut session = ClientSession::new(bo.key.clone(), company(), Some(Cursor { epoch, arrival: 2 }));
    let hello = session.frame(&challenge, &bo).unwrap().into_iter().next();
    send(&mut again, hello).await;
    loop {
        let Message::Binary(bytes) = again.next().await.unwrap().unwrap() else { continue };
        if let Frame::Welcome { have, .. } = Frame::decode(&bytes).unwrap() {
            assert_eq!(have, None, "its place is known here: neither tells what it holds");
            break;
        }
    }
    for relay in relays {
        relay.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_takes_a_seat_at_another_relay_gives_up_the_one_it_had() {
    let Some(nats) = Nats::start() else { return };
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let relays = [one_of(&nats, folders[0].path()).await, one_of(&nats, folders[1].path()).await];
    let (_, _, mut first) = enter(&relays[0], 1).await;
    let (laptop, mut session, mut second) = enter(&relays[1], 1).await;
    assert_eq!(refusal(&mut first).await, "relay.replaced");
    send(&mut second, session.ask_peers()).await;
    speak_until(&laptop, &mut session, &mut second, |effect| matches!(effect, ClientEffect::Peers(_))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_at_one_relay_meets_the_one_who_waits_at_another_and_nobody_where_nobody_waits() {
    let Some(nats) = Nats::start() else { return };
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let relays = [one_of(&nats, folders[0].path()).await, one_of(&nats, folders[1].path()).await];
    let (anna, mut annas, mut annas_socket) = enter(&relays[0], 1).await;
    let meet = |place, message: &[u8]| {
        let frame = Frame::Meet { workspace: company(), place, message: message.to_vec() };
        Message::Binary(frame.encode().into())
    };
    let mut lost = connect(&relays[1]).await;
    lost.send(meet([2; 16], b"knock")).await.unwrap();
    assert_eq!(refusal(&mut lost).await, "invitation.refused");
    send(&mut annas_socket, annas.await_newcomer([1; 16], u64::MAX)).await;
    send(&mut annas_socket, annas.ask_peers()).await;
    speak_until(&anna, &mut annas, &mut annas_socket, |effect| matches!(effect, ClientEffect::Peers(_))).await;
    for word in [&b"knock"[..], b"knock again"] {
        let mut newcomer = connect(&relays[1]).await;
        newcomer.send(meet([1; 16], word)).await.unwrap();
        let met = ClientEffect::Met { place: [1; 16], message: word.to_vec() };
        speak_until(&anna, &mut annas, &mut annas_socket, |effect| *effect == met).await;
        send(&mut annas_socket, Some(annas.meet([1; 16], b"come in".to_vec()))).await;
        loop {
            let Message::Binary(bytes) = newcomer.next().await.unwrap().unwrap() else { continue };
            if let Frame::Meet { message, .. } = Frame::decode(&bytes).unwrap() {
                assert_eq!(message, b"come in");
                break;
            }
        }
        // Who has gone makes room for the next.
        newcomer.close(None).await.unwrap();
        while let Some(Ok(_)) = newcomer.next().await {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_sees_the_log_and_a_relay_without_it_is_not_ready() {
    let Some(mut nats) = Nats::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let relay = one_of(&nats, folder.path()).await;
    let admin = relay.admin().unwrap();
    assert!(operators::page(admin, "/ready").await.contains("200 OK"));
    for (name, value) in [
        ("log_written_total", 0.0),
        ("log_outrun_total", 0.0),
        ("log_followed_total", 0.0),
        ("log_behind", 0.0),
        ("log_up", 1.0),
    ] {
        assert_eq!(operators::figure(&relay, name).await, value, "{name}");
    }
    let (told, alerts) = (operators::page(admin, "/metrics").await, include_str!("../../../../deploy/alerts.yml"));
    let guide = include_str!("../../../../docs/operating-several-relays.md");
    let named: Vec<&str> = operators::words(alerts, operators::SHARED).collect();
    assert_eq!(named.len(), 2, "{named:?}");
    assert!(named.iter().all(|name| operators::is_told(&told, name)), "{named:?}");
    for line in told.lines().filter_map(|line| line.strip_prefix("# TYPE mera_relay_log_")) {
        let name = format!("`log_{}", line.split(' ').next().unwrap_or_default());
        assert!(guide.contains(&name), "the guide does not tell of {name}");
    }
    nats.kill();
    let away = loop {
        let says = operators::page(admin, "/ready").await;
        if says.contains("503") {
            break says;
        }
    };
    assert!(away.contains("log"), "{away}");
    let mut device = connect(&relay).await;
    let laptop = Laptop::new(1, 1);
    let mut session = ClientSession::new(laptop.key.clone(), company(), None);
    let Message::Binary(challenge) = device.next().await.unwrap().unwrap() else { panic!() };
    let hello = session.frame(&challenge, &laptop).unwrap().into_iter().next();
    send(&mut device, hello).await;
    assert_eq!(refusal(&mut device).await, "relay.log_away");
    nats.run();
    while !operators::page(admin, "/ready").await.contains("200 OK") {}
    enter(&relay, 1).await;
}
