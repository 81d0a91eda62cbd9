//! The log goes away and comes back, and a relay is stopped and started.

use super::*;

#[test]
fn while_the_log_is_away_pushes_are_refused_and_after_it_everything_goes_on_by_itself() {
    let Some(mut town) = Town::new() else { return };
    let relays = [town.first("a"), town.relay("b")];
    let (key, log) = log(1, 40, 100);
    relays[0].accept(company(), run(&key, &log[..20], 0)).unwrap();
    town.nats.kill();
    let refused = relays[0].accept(company(), run(&key, &log, 20)).unwrap_err();
    assert_eq!(refused.code(), "relay.log_away");
    assert_eq!(relays[1].admits(company()).unwrap_err().code(), "relay.log_away");
    assert!(relays[0].check().is_err());
    town.nats.run();
    while relays.iter().any(|relay| relay.check().is_err()) {
        thread::yield_now();
    }
    assert_eq!(relays[1].accept(company(), run(&key, &log, 20)).unwrap(), 40);
    assert_eq!(relays[0].accept(company(), run(&key, &log, 20)).unwrap(), 40, "what is known already is passed over");
    for relay in &relays {
        relay.inner.catch_up().unwrap();
        assert_eq!(delivered(relay, &key), (1..=40).collect::<Vec<_>>());
    }
    assert!(copy(&relays[0]) == copy(&relays[1]));
}

#[test]
fn a_log_that_is_killed_under_load_again_and_again_loses_and_doubles_nothing_that_was_acknowledged() {
    let Some(mut town) = Town::new() else { return };
    let relays = [town.first("a"), town.relay("b"), town.relay("c")];
    let logs: Vec<_> = (1..=3).map(|seed| log(seed, 60, 300)).collect();
    let (done, nats) = (std::sync::atomic::AtomicUsize::new(0), &mut town.nats);
    thread::scope(|scope| {
        for (relay, (key, log)) in relays.iter().zip(&logs) {
            let done = &done;
            scope.spawn(move || {
                for n in 0..log.len() {
                    // A device that is refused brings it again.
                    while let Err(fault) = relay.accept(company(), run(key, &log[..=n], n)) {
                        assert_eq!(fault.code(), "relay.log_away");
                        thread::yield_now();
                    }
                    done.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                }
            });
        }
        for kill in 1..=4 {
            while done.load(std::sync::atomic::Ordering::Relaxed) < kill * 36 {
                thread::yield_now();
            }
            nats.kill();
            nats.run();
        }
    });
    for relay in &relays {
        relay.inner.catch_up().unwrap();
        for (key, log) in &logs {
            assert_eq!(delivered(relay, key), (1..=log.len() as u64).collect::<Vec<_>>());
        }
        assert_eq!(relay.arrivals(company()).unwrap(), 180);
    }
    assert!(copy(&relays[0]) == copy(&relays[1]) && copy(&relays[0]) == copy(&relays[2]));
}

#[test]
fn a_folder_follows_one_log_and_a_log_that_lost_its_end_is_told_of() {
    let Some(town) = Town::new() else { return };
    let relay = town.first("a");
    town.close(relay);
    // The same folder, and another log.
    let Some(other) = Town::new() else { return };
    let place = SharedLog::at(other.nats.url());
    let open = |name: &str| {
        let folder = town.folder.path().join(name);
        let opened = SharedRelay::open(place.clone(), Rules::default(), &folder, Box::new(|_| {}), 0);
        town.runtime.block_on(opened).err().map(|fault| fault.to_string())
    };
    assert!(open("a").unwrap().contains("does not come from this log"));
    // A folder that has a log of its own.
    let own = RelayDisk::open(&town.folder.path().join("own")).unwrap();
    own.learn(company(), fixture().chain.clone()).unwrap();
    drop(own);
    assert!(open("own").unwrap().contains("does not come from this log"));
    // The log forgets what a relay has followed.
    let Err(fault) = ({
        let relay = town.relay("a");
        town.runtime.block_on(async { relay.inner.line.log.purge().await }).unwrap();
        town.runtime.block_on(async { relay.inner.line.context.delete_stream("mera-log").await }).unwrap();
        town.close(relay);
        town.open("a")
    }) else {
        panic!("it holds nothing")
    };
    assert_eq!(fault.code(), "relay.log_set_back");
}

#[test]
fn after_the_log_was_put_back_it_has_a_new_life_and_the_roll_is_called() {
    let Some(town) = Town::new() else { return };
    let relay = town.first("a");
    let before = relay.epoch();
    town.close(relay);
    let place = SharedLog::at(town.nats.url());
    assert_eq!(town.runtime.block_on(SharedRelay::restored(place)).unwrap(), 1);
    assert!(town.open("a").err().unwrap().to_string().contains("does not come from this log"));
    let relay = town.relay("new");
    assert_ne!(relay.epoch(), before);
    let told = relay.extend(company(), &Fixture::of(5).say(&Intent::Rotate)).unwrap_err();
    assert_eq!(told.code(), "membership.roll");
}
