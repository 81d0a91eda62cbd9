
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
audit-did-new-code = Made a new recovery code; the one before opens nothing any more. Everybody got new keys (number { $epoch }).
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
audit-kind-judgements = Set-aside work judged
audit-did-taken = Took over change { $number } of { $who }.
audit-did-left = Left out change { $number } of { $who }: { $note }
judging = Set-aside work
judging-explains = What counts nowhere, because its author had no right or had been taken out. Take it over, and it is written as your entry and names its author; or leave it out and say why. Everybody sees what you decide.
judging-empty = Nothing waits to be judged.
judging-closed = Decided
judging-take = Take over
judging-leave = Leave out
judging-leave-do = Leave out with this note
judging-note = Why is it left out?
judging-taken = Taken over by { $who }, { $when }.
judging-left = Left out by { $who }, { $when }: { $note }
judging-file = Open handed-in work
judging-opened = { $count ->
    [one] 1 change is there to be judged.
   *[other] { $count } changes are there to be judged.
 }
shut-out-hand-in = { $count ->
    [one] 1 change was not delivered. Save it as a sealed file and give that to an administrator, who alone can open it.
   *[other] { $count } changes were not delivered. Save them as a sealed file and give that to an administrator, who alone can open it.
 }
hand-in = Save undelivered work
refused-judging-no-right = Set-aside work is judged by the office and by administrators. Ask one of them.
refused-judging-unknown = No such work is set aside on this device. Look again.
refused-judging-no-room = More work of the device { $device }, which was taken out, came than is set aside. The rest was thrown away. Whoever wants it taken over saves it on that device as a file and hands that in.
refused-sync-forged-without-end = More came that is forged or does not fit than is kept. The rest was thrown away. Ask whoever runs the relay.
refused-judging-no-note = Say in a few words why it is left out.
refused-judging-goes-on = It goes on from other work of the same device that was not taken over. Take that over first.
refused-judging-nothing = Every change of this device was taken in. There is nothing to hand in.
refused-judging-none = That is no file of handed-in work. Choose the file that the other device saved.
refused-judging-other-company = The work in this file belongs to another company.
refused-judging-not-for-you = The file was sealed for those who were administrators then. One of them opens it, or it is saved once more.
