
# The audit trail.
audit = Audit trail
audit-explains = Everything that was done, newest first, as the devices of the company signed it. A time is what the device's clock said; the order rests on the logs.
audit-person = Person
audit-device = Device
audit-kind = What was done
audit-kind-changes = Records written
audit-kind-erasures = Records erased
audit-kind-members = Members changed
audit-kind-checkpoints = Checkpoints
audit-since = From
audit-until = Until
audit-all = All
audit-more = Show older
audit-empty = Nothing was done that fits. Ask for more above.
audit-check = Check all signatures
audit-stop = Stop
audit-progress = { $done } of { $of } entries
audit-check-well = Everything fits: { $entries } entries and { $statements } statements about members, { $signatures } signatures.
audit-check-stopped = Stopped. What was read fits: { $entries } entries, { $signatures } signatures.
audit-check-broken = { $broken } of { $entries } entries are not what was signed. Leave the device as it is, take a backup, and show this to whoever looks after it.
audit-chain = The list of members
audit-csv = Save as sheet (CSV)
audit-lines = Save with proof (JSON)
audit-exported = The audit trail is saved where the browser keeps downloads.
audit-not-exported = The file could not be saved here. Use `mera device audit --export` on this machine.
audit-proof = Audit trail
audit-ahead = the clock was wrong: that time has not come yet
audit-recovery-code = The recovery code
audit-more-records = { $count ->
    [one] and 1 other record
   *[other] and { $count } other records
 }
audit-did-erased = Erased for good: { $what }
audit-did-founded = Founded the company.
audit-did-admitted = Let in { $who } ({ $roles }).
audit-did-roles = Gave { $who } these roles: { $roles }.
audit-new-keys = Everybody got new keys.
audit-did-revoked = Took out { $who }. Everybody else got new keys.
audit-did-keys = Gave everybody new keys (number { $epoch }).
audit-did-recovered = Made { $who } administrator.
audit-did-branched = Goes on as { $who }.
audit-did-repeated = { $count ->
    [one] Repeated 1 record whole, for a checkpoint.
   *[other] Repeated { $count } records whole, for a checkpoint.
 }
audit-did-checkpoint = { $count ->
    [one] Vouches for everything before this checkpoint of 1 record; devices may let go of the older entries.
   *[other] Vouches for everything before this checkpoint of { $count } records; devices may let go of the older entries.
 }
audit-did-unknown = Something that a newer MERA did (kind { $kind }).
audit-says-created = created
audit-says-erased = what it said is erased
audit-says-locked = cannot be read with this device's keys
audit-says-unreadable = what it said is not in the record
audit-standing-verified = Verified
audit-standing-altered = Altered after it was signed
audit-standing-unsigned = Signature does not fit
audit-standing-no-right = No right: set aside
audit-standing-revoked = After being taken out: set aside
audit-standing-erased = Verified; content erased
audit-standing-locked = Verified; cannot be read here
audit-standing-damaged = Cannot be read from the disk
audit-proof-of = Proof of entry { $number }
audit-proof-own = Its author signed this entry.
audit-proof-later = The author's signature of entry { $number } covers this one, through the hashes between them.
audit-proof-none = No signature that fits covers it.
audit-proof-hash = Hash
audit-proof-previous = Hash before
audit-proof-key = Public key
audit-proof-message = Signature is over
audit-proof-signature = Signature
refused-audit-no-right = The audit trail is for administrators and finance. Ask one of them, or look at one record's history.
refused-audit-under-way = Another check is under way. Wait for its end, or stop it.
refused-audit-no-device = Signatures are checked by a device that runs. Start it.
