//! One address before several, as a proxy or a name with several addresses is: each new connection goes to the next that answers.

use anyhow::{Context, Result};
use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Begins to spread connections, and gives the address where they come. It goes on until the program ends.
pub fn spread(behind: Vec<SocketAddr>) -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").context("no port is free")?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        let turn = AtomicUsize::new(0);
        for caller in listener.incoming().filter_map(Result::ok) {
            let first = turn.fetch_add(1, Ordering::Relaxed);
            let mut order = (0..behind.len()).map(|n| behind[(first + n) % behind.len()]);
            // Where nobody answers the caller is hung up on, and calls again.
            if let Some(relay) = order.find_map(|relay| TcpStream::connect(relay).ok()) {
                carry(caller, relay).ok();
            }
        }
    });
    Ok(address)
}

fn carry(caller: TcpStream, relay: TcpStream) -> io::Result<()> {
    for stream in [&caller, &relay] {
        stream.set_nodelay(true)?;
    }
    for (from, to) in [(caller.try_clone()?, relay.try_clone()?), (relay, caller)] {
        thread::spawn(move || {
            io::copy(&mut &from, &mut &to).ok();
            to.shutdown(Shutdown::Write).ok();
            from.shutdown(Shutdown::Read).ok();
        });
    }
    Ok(())
}
