//! Numbers in LEB128, as Automerge writes them.

/// Seven bits at a time; what is left is more to come.
const MORE: u8 = 0x80;

/// A number from 0 on, and what stands behind it.
pub fn unsigned_number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    for (index, byte) in bytes.iter().enumerate().take(9) {
        value |= u64::from(byte & !MORE) << (7 * index);
        if byte & MORE == 0 {
            return Some((value, &bytes[index + 1..]));
        }
    }
    None
}

/// A number, and what stands behind it.
pub fn signed_number(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let mut value = 0_i64;
    for (index, byte) in bytes.iter().enumerate().take(9) {
        value |= i64::from(byte & !MORE) << (7 * index);
        if byte & MORE == 0 {
            let below_nought = byte & 0x40 != 0;
            let above = 7 * (index + 1);
            return Some((if below_nought { value | (-1 << above) } else { value }, &bytes[index + 1..]));
        }
    }
    None
}

/// A number from 0 on in as few bytes as it takes.
pub fn unsigned(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(9);
    loop {
        let seven = seven_of(value);
        value >>= 7;
        if value == 0 {
            bytes.push(seven);
            return bytes;
        }
        bytes.push(seven | MORE);
    }
}

/// A number in as few bytes as it takes.
pub fn signed(mut value: i64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(9);
    loop {
        let seven = seven_of(value.cast_unsigned());
        value >>= 7;
        let below_nought = seven & 0x40 != 0;
        if (value == 0 && !below_nought) || (value == -1 && below_nought) {
            bytes.push(seven);
            return bytes;
        }
        bytes.push(seven | MORE);
    }
}

fn seven_of(value: u64) -> u8 {
    u8::try_from(value & 0x7f).expect("seven bits are less than a byte")
}
