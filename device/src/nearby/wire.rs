//! A channel over TCP: messages behind their length of two bytes, and frames in as many messages as they take.

use mera_schema::WorkspaceId;
use mera_sync_protocol::{DeviceKey, FRAME_LIMIT, PublicKey};
use mera_trust::{Calling, Channel, Entropy, NEARBY_PART, Unproven};
use std::io;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A conversation with somebody who has proven who it is.
pub(super) struct Wire {
    stream: TcpStream,
    channel: Channel,
}

/// A conversation with somebody who has not proven that yet.
pub(super) struct Greeting {
    stream: TcpStream,
    unproven: Unproven,
}

impl Greeting {
    /// Calls.
    pub async fn call(mut stream: TcpStream, company: WorkspaceId, entropy: Entropy) -> io::Result<Self> {
        let (calling, call) = Calling::call(company, entropy).map_err(io::Error::other)?;
        say(&mut stream, &call).await?;
        let answer = hear(&mut stream).await?;
        let unproven = calling.answered(&answer).map_err(io::Error::other)?;
        Ok(Self { stream, unproven })
    }

    /// Answers.
    pub async fn answer(mut stream: TcpStream, company: WorkspaceId, entropy: Entropy) -> io::Result<Self> {
        let call = hear(&mut stream).await?;
        let (unproven, answer) = Unproven::answer(company, entropy, &call).map_err(io::Error::other)?;
        say(&mut stream, &answer).await?;
        Ok(Self { stream, unproven })
    }

    /// Proves to the other end who this device is.
    pub async fn prove(&mut self, key: &DeviceKey) -> io::Result<()> {
        let proof = self.unproven.prove(key).map_err(io::Error::other)?;
        say(&mut self.stream, &proof).await
    }

    /// Who is at the other end.
    pub async fn who(&mut self) -> io::Result<PublicKey> {
        let proof = hear(&mut self.stream).await?;
        self.unproven.who(&proof).map_err(io::Error::other)
    }

    /// Both know whom they speak with.
    pub fn talk(self) -> Wire {
        Wire { stream: self.stream, channel: self.unproven.talk() }
    }
}

impl Wire {
    /// Sends a frame.
    pub async fn send(&mut self, frame: &[u8]) -> io::Result<()> {
        let length = u32::try_from(frame.len()).map_err(io::Error::other)?;
        let whole = [&length.to_le_bytes(), frame].concat();
        for part in whole.chunks(NEARBY_PART) {
            let message = self.channel.say(part).map_err(io::Error::other)?;
            say(&mut self.stream, &message).await?;
        }
        Ok(())
    }

    /// Waits for a frame.
    pub async fn receive(&mut self) -> io::Result<Vec<u8>> {
        let mut frame = self.part().await?;
        let length = frame.first_chunk().map_or(usize::MAX, |length| u32::from_le_bytes(*length) as usize);
        if length > FRAME_LIMIT {
            return Err(io::Error::other("a frame is larger than any frame"));
        }
        frame.drain(..size_of::<u32>());
        while frame.len() < length {
            frame.extend(self.part().await?);
        }
        if frame.len() == length { Ok(frame) } else { Err(io::Error::other("a frame has no end")) }
    }

    async fn part(&mut self) -> io::Result<Vec<u8>> {
        let message = hear(&mut self.stream).await?;
        self.channel.hear(&message).map_err(io::Error::other)
    }
}

async fn say(stream: &mut TcpStream, message: &[u8]) -> io::Result<()> {
    let length = u16::try_from(message.len()).map_err(io::Error::other)?;
    stream.write_all(&[&length.to_le_bytes(), message].concat()).await
}

async fn hear(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let length = stream.read_u16_le().await?;
    let mut message = vec![0; usize::from(length)];
    stream.read_exact(&mut message).await?;
    Ok(message)
}
