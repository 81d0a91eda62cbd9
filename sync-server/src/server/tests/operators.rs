//! What operators see, where they see it, and what is said when a relay cannot start.

use super::*;

/// The page at an address, head and all; the relay hangs up after it.
pub(super) async fn page(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: relay\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// One figure, as an operator's program would read it; nothing where nothing was counted under that name yet.
pub(super) async fn counted(relay: &RelayHandle, name: &str) -> Option<f64> {
    let told = page(relay.admin().unwrap(), "/metrics").await;
    let line = told.lines().find_map(|line| line.strip_prefix(&format!("mera_relay_{name} ")));
    line.map(|line| line.parse().unwrap())
}

/// One that is there.
pub(super) async fn figure(relay: &RelayHandle, name: &str) -> f64 {
    counted(relay, name).await.unwrap_or_else(|| panic!("no {name}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_sees_whether_it_lives_and_what_it_does_and_the_public_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let relay = relay(folder.path()).await;
    let admin = relay.admin().unwrap();
    let (anna, mut socket) = (Laptop::new(1, 3), connect(&relay).await);
    let mut session = ClientSession::new(anna.key.clone(), company(), None);
    let on_disk = |effect: &ClientEffect| matches!(effect, ClientEffect::Acked { seq: 3, .. });
    speak_until(&anna, &mut session, &mut socket, on_disk).await;
    let mut noisy = connect(&relay).await;
    noisy.send(Message::Text("hello".into())).await.unwrap();
    refusal(&mut noisy).await;
    drop(noisy);

    // The relay writes down how long a push took when its receipt is out. What it was taught of the members is no push.
    while figure(&relay, "push_seconds_count").await < 1.0 {}
    assert!(page(admin, "/health").await.contains("200 OK"));
    assert!(page(admin, "/ready").await.ends_with("\r\n\r\nready\n"));
    let table = [
        ("companies_active", 1.0),
        ("companies_stored", 1.0),
        ("stored_entries", 3.0),
        ("connections_opened_total", 2.0),
        ("refused_total{code=\"sync.out_of_turn\"}", 1.0),
        ("push_seconds_count", 1.0),
        ("flush_seconds_count", 1.0),
    ];
    for (name, value) in table {
        assert_eq!(figure(&relay, name).await, value, "{name}");
    }
    for (name, least) in [("stored_bytes", 200.0), ("disk_bytes", 200.0)] {
        let value = figure(&relay, name).await;
        assert!(value > least, "{name}: {value}");
    }
    let told = page(admin, "/metrics").await;
    for secret in [company().to_string(), anna.device().to_string(), "127.0.0.1".to_owned()] {
        assert!(!told.contains(&secret), "{secret} in {told}");
    }
    for path in ["/health", "/ready", "/metrics"] {
        assert!(page(relay.address(), path).await.contains("404 Not Found"), "{path} is not open to the public");
    }
}

/// Every word of a text that begins like this.
pub(super) fn words<'a>(text: &'a str, begin: &'a str) -> impl Iterator<Item = &'a str> {
    let ends = |c: char| !c.is_ascii_alphanumeric() && !"_-.".contains(c);
    text.match_indices(begin).map(move |(at, _)| {
        let word = &text[at..];
        &word[..word.find(ends).unwrap_or(word.len())]
    })
}

/// What the figures of a shared log begin with.
pub(super) const SHARED: &str = "mera_relay_log_";

/// What an operator's program asks for of a figure, without the end that its kind gives it.
pub(super) fn is_told(exposition: &str, name: &str) -> bool {
    let kinds =
        [("_total", "counter"), ("_bucket", "histogram"), ("_count", "histogram"), ("", "gauge"), ("", "histogram")];
    kinds.iter().any(|(end, kind)| {
        name.strip_suffix(end).is_some_and(|name| exposition.contains(&format!("# TYPE {name} {kind}\n")))
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_figure_that_alerts_and_guide_name_is_told_and_the_guide_names_every_one() {
    let folder = tempfile::tempdir().unwrap();
    let tls = secrecy::certificate(folder.path());
    let relay = start(RelayConfig { tls: Some(tls), ..config(&folder.path().join("relay")) }).await.unwrap();
    let told = page(relay.admin().unwrap(), "/metrics").await;
    let alerts = include_str!("../../../../deploy/alerts.yml");
    // Those of a shared log are looked for where there is one.
    let named: Vec<&str> = words(alerts, "mera_relay_").filter(|name| !name.starts_with(SHARED)).collect();
    assert!(named.len() >= 6, "{named:?}");
    for name in named {
        assert!(is_told(&told, name), "alerts.yml: no {name} in {told}");
    }
    assert!(!is_told(&told, "mera_relay_pushes_total") && !is_told(&told, "mera_relay_flush_seconds_total"));

    let guide = include_str!("../../../../docs/operating-a-relay.md");
    let table = guide.split("| figure |").nth(1).and_then(|rest| rest.split("\n\n").next()).expect("a table");
    let first_column = table.lines().filter_map(|line| line.strip_prefix("| `")?.split(" | ").next());
    let figures: Vec<&str> = first_column
        .flat_map(|cell| cell.split('`'))
        .filter(|word| word.contains('_') || *word == "connections")
        .collect();
    assert!(figures.len() > 15, "{figures:?}");
    for figure in &figures {
        let name = format!("mera_relay_{}", figure.split('{').next().unwrap_or_default());
        assert!(is_told(&told, &name), "the guide: no {name}");
    }
    for line in told.lines().filter_map(|line| line.strip_prefix("# TYPE mera_relay_")) {
        let name = line.split(' ').next().unwrap_or_default();
        assert!(figures.iter().any(|figure| figure.starts_with(name)), "the guide does not tell of {name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_that_an_alert_waits_for_can_come_and_is_told_as_none_from_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let relay = relay(folder.path()).await;
    let alerts = include_str!("../../../../deploy/alerts.yml");
    let written = [
        include_str!("../door.rs"),
        include_str!("../refusal.rs"),
        include_str!("../../store/mod.rs"),
        include_str!("../../../../sync-protocol/src/fault.rs"),
        include_str!("../../../../trust/src/fault.rs"),
    ];
    let asked = alerts.lines().filter(|line| line.contains("{code="));
    let codes: Vec<&str> = asked.flat_map(|line| words(line, "relay.").chain(words(line, "sync."))).collect();
    assert!(codes.len() >= 7, "{codes:?}");
    for code in codes {
        let quoted = format!("\"{code}\"");
        assert!(written.iter().any(|source| source.contains(&quoted)), "nothing is refused with {code}");
        assert_eq!(figure(&relay, &format!("refused_total{{code={quoted}}}")).await, 0.0, "{code}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_that_hangs_up_without_a_word_is_no_refusal() {
    let folder = tempfile::tempdir().unwrap();
    let relay = relay(folder.path()).await;
    for noise in [&[][..], &[0x82, 0xff]] {
        let mut socket = connect(&relay).await;
        socket.next().await.unwrap().unwrap();
        socket.get_mut().write_all(noise).await.unwrap();
        drop(socket);
        while figure(&relay, "connections").await > 0.0 {}
    }
    let told = page(relay.admin().unwrap(), "/metrics").await;
    let refused: Vec<&str> = told.lines().filter(|line| line.starts_with("mera_relay_refused_total{")).collect();
    assert!(!refused.is_empty() && refused.iter().all(|line| line.ends_with(" 0")), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_whose_folder_has_gone_lives_and_is_not_ready() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("relay");
    let relay = start(config(&place)).await.unwrap();
    std::fs::rename(&place, folder.path().join("elsewhere")).unwrap();
    let says = page(relay.admin().unwrap(), "/ready").await;
    assert!(says.contains("503") && says.contains("cannot be written"), "{says}");
    assert!(page(relay.admin().unwrap(), "/health").await.contains("200 OK"));
    std::fs::rename(folder.path().join("elsewhere"), &place).unwrap();
    assert!(page(relay.admin().unwrap(), "/ready").await.contains("200 OK"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_stops_says_so_to_operators_while_its_guests_leave() {
    let folder = tempfile::tempdir().unwrap();
    let relay = relay(folder.path()).await;
    let (admin, public) = (relay.admin().unwrap(), relay.address());
    let mut guest = connect(&relay).await;
    guest.next().await.unwrap().unwrap();
    // A guest that is slow to leave keeps the house open.
    let house = relay.house.upgrade().unwrap();
    let slow = house.guests.token();
    let stopped = tokio::spawn(relay.stop());
    assert!(matches!(guest.next().await, Some(Ok(Message::Close(_)))), "guests are told farewell");
    assert!(page(admin, "/ready").await.contains("the relay is stopping"));
    // Nobody new is let in, as soon as the door is closed.
    while TcpStream::connect(public).await.is_ok() {}
    drop((slow, house));
    stopped.await.unwrap().unwrap();
    assert!(TcpStream::connect(admin).await.is_err());
    start(config(folder.path())).await.expect("the folder is free again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_address_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let relay = relay(&folder.path().join("a")).await;
    let twice = |address, admin| {
        let folder = folder.path().join("b");
        start(RelayConfig { admin, ..RelayConfig::new(address, folder) })
    };
    let any = "127.0.0.1:0".parse().unwrap();
    for (address, admin) in [(relay.address(), None), (any, Some(relay.address()))] {
        let refused = twice(address, admin).await.err().unwrap();
        assert_eq!(refused.code(), "relay.cannot_listen");
        assert!(refused.to_string().contains("choose another address"), "{refused}");
    }
}
