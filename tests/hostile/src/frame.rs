//! Frames, at the relay and at a device.

use crate::shelf::shelf;
use mera_sync_protocol::{ClientSession, Cursor, Frame, PROTOCOL, RelayEffect, RelaySession, SyncFault};
use mera_trust::fixture::card;
use std::sync::Arc;

/// Reads bytes as one frame; then as several, behind a true greeting, as a relay and as a device would hear them.
pub fn read(bytes: &[u8]) {
    if let Ok(frame) = Frame::decode(bytes) {
        assert_eq!(Frame::decode(&frame.encode()), Ok(frame), "what was read is written and read again");
    }
    stranger(bytes);
    let Ok(frames) = postcard::from_bytes::<Vec<Frame>>(bytes) else { return };
    let frames: Vec<Vec<u8>> = frames.iter().map(Frame::encode).collect();
    at_the_relay(&frames);
    at_a_device(&frames);
}

/// Whoever has not proven who it is gets nothing but the challenge, a refusal, or a question for the chain.
fn stranger(bytes: &[u8]) {
    let (asked, _) = RelaySession::open([7; 32], shelf());
    for mut relay in [asked, RelaySession::awaiting_back([7; 32])] {
        relay.frame(bytes, 1, shelf());
        assert_eq!(relay.guest(), None, "nobody is let in without a proof");
    }
}

fn at_the_relay(frames: &[Vec<u8>]) {
    let (mut relay, challenge) = RelaySession::open([7; 32], shelf());
    let mut device = device(None);
    let hello = device.frame(&challenge, shelf()).expect("a challenge of this version is answered");
    for effect in hello {
        if let mera_sync_protocol::ClientEffect::Send(bytes) = effect {
            relay.frame(&bytes, 1, shelf());
        }
    }
    let me = card(2).0.public().device();
    assert_eq!(relay.guest().map(|(_, device)| device), Some(me), "a true greeting is heard");
    for frame in frames {
        let effects = relay.frame(frame, 1, shelf());
        let closed = effects.contains(&RelayEffect::Close);
        if closed {
            assert_eq!(effects.last(), Some(&RelayEffect::Close), "nothing is said behind a farewell");
            assert!(relay.frame(frame, 1, shelf()).contains(&RelayEffect::Close), "who was sent away stays away");
            return;
        }
        assert!(relay.guest().is_some_and(|(_, device)| device == me), "nobody becomes somebody else");
    }
}

fn at_a_device(frames: &[Vec<u8>]) {
    let mut device = device(Some(Cursor { epoch: [1; 16], arrival: 0 }));
    let challenge = Frame::Challenge { protocol: PROTOCOL, epoch: [1; 16], nonce: [7; 32] };
    device.frame(&challenge.encode(), shelf()).expect("a challenge of this version is answered");
    for frame in frames {
        match device.frame(frame, shelf()) {
            Ok(_) => {}
            Err(SyncFault::Store(says)) => panic!("a replica that never fails is said to have failed: {says}"),
            Err(_) => return,
        }
    }
}

fn device(cursor: Option<Cursor>) -> ClientSession {
    ClientSession::new(Arc::new(card(2).0), shelf().company.workspace(), cursor)
}
