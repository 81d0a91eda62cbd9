refused-right-erase = Dine roller lader dig ikke slette { $kind } for altid. Spørg kontoret eller en administrator.
refused-record-erased = Posten er slettet for altid.
refused-record-erased-meanwhile = En kollega har slettet en post for altid, som du havde rettet i. Din rettelse af den er ikke gemt.
refused-erasure-never = Denne slags slettes ikke: virksomhedens tal bygger på dem.
refused-erasure-needed-by-document = { $number } nævner den, og loven kræver bilaget gemt til og med { $until }. Slet den derefter.
refused-erasure-needed-by-undated = { $number } nævner den og har ingen dato, så ingen kan sige, hvor længe loven kræver den gemt. Giv bilaget en dato først.
refused-backup-erased-meanwhile = En post blev slettet for altid, mens sikkerhedskopien blev taget, og ville være kommet med. Tag den en gang til.
