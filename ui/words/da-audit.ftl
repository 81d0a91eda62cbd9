
# Revisionssporet.
audit = Revisionsspor
audit-explains = Alt hvad der er gjort, det nyeste øverst, som firmaets enheder har underskrevet det. Et tidspunkt er, hvad enhedens ur sagde; rækkefølgen hviler på loggene.
audit-person = Person
audit-device = Enhed
audit-kind = Hvad der er gjort
audit-kind-changes = Poster skrevet
audit-kind-erasures = Poster slettet
audit-kind-members = Medlemmer ændret
audit-kind-checkpoints = Kontrolpunkter
audit-since = Fra
audit-until = Til
audit-all = Alle
audit-more = Vis ældre
audit-empty = Der er intet, der passer. Spørg bredere ovenfor.
audit-check = Kontrollér alle underskrifter
audit-stop = Stop
audit-progress = { $done } af { $of } indførsler
audit-check-well = Alt passer: { $entries } indførsler og { $statements } udsagn om medlemmer, { $signatures } underskrifter.
audit-check-stopped = Stoppet. Det læste passer: { $entries } indførsler, { $signatures } underskrifter.
audit-check-broken = { $broken } af { $entries } indførsler er ikke, hvad der blev underskrevet. Lad enheden stå, tag en sikkerhedskopi, og vis det til den, der passer den.
audit-chain = Medlemslisten
audit-csv = Gem som ark (CSV)
audit-lines = Gem med bevis (JSON)
audit-proof = Revisionsspor
audit-ahead = uret gik forkert: det tidspunkt er ikke kommet endnu
audit-recovery-code = Gendannelseskoden
audit-more-records = { $count ->
    [one] og 1 post til
   *[other] og { $count } poster til
 }
audit-did-erased = Slettet for altid: { $what }
audit-did-founded = Stiftede firmaet.
audit-did-admitted = Lukkede { $who } ind ({ $roles }).
audit-did-roles = Gav { $who } disse roller: { $roles }.
audit-new-keys = Alle fik nye nøgler.
audit-did-revoked = Tog { $who } ud. Alle andre fik nye nøgler.
audit-did-keys = Gav alle nye nøgler (nummer { $epoch }).
audit-did-recovered = Gjorde { $who } til administrator.
audit-did-new-code = Lavede en ny gendannelseskode; den forrige åbner intet mere. Alle fik nye nøgler (nummer { $epoch }).
audit-did-branched = Fortsætter som { $who }.
audit-did-repeated = { $count ->
    [one] Gentog 1 post helt, til et kontrolpunkt.
   *[other] Gentog { $count } poster helt, til et kontrolpunkt.
 }
audit-did-checkpoint = { $count ->
    [one] Står inde for alt før dette kontrolpunkt på 1 post; enheder må give slip på de ældre indførsler.
   *[other] Står inde for alt før dette kontrolpunkt på { $count } poster; enheder må give slip på de ældre indførsler.
 }
audit-did-unknown = Noget, som en nyere MERA har gjort (slags { $kind }).
audit-says-created = oprettet
audit-says-erased = indholdet er slettet
audit-says-locked = kan ikke læses med denne enheds nøgler
audit-says-unreadable = indholdet er ikke i posten
audit-standing-verified = Bekræftet
audit-standing-altered = Ændret efter underskrift
audit-standing-unsigned = Underskriften passer ikke
audit-standing-no-right = Uden ret: lagt til side
audit-standing-revoked = Efter udtagelse: lagt til side
audit-standing-erased = Bekræftet; indhold slettet
audit-standing-locked = Bekræftet; kan ikke læses her
audit-standing-damaged = Kan ikke læses fra disken
audit-proof-of = Bevis for indførsel { $number }
audit-proof-own = Forfatteren har underskrevet denne indførsel.
audit-proof-later = Forfatterens underskrift på indførsel { $number } dækker denne gennem hasherne imellem.
audit-proof-none = Ingen underskrift, der passer, dækker den.
audit-proof-hash = Hash
audit-proof-previous = Hash før
audit-proof-key = Offentlig nøgle
audit-proof-message = Underskriften er over
audit-proof-signature = Underskrift
refused-audit-no-right = Revisionssporet er for administratorer og økonomi. Spørg en af dem, eller se en enkelt posts historik.
refused-audit-under-way = En anden kontrol er i gang. Vent på den, eller stop den.
refused-audit-no-device = Underskrifter kontrolleres af en enhed, der kører. Start den.
audit-kind-judgements = Dømt arbejde
audit-did-taken = Overtog ændring { $number } fra { $who }.
audit-did-left = Udelod ændring { $number } fra { $who }: { $note }
judging = Arbejde til side
judging-explains = Det, der ikke tæller, fordi forfatteren ikke havde ret til det eller var taget ud. Overtag det, så skrives det som din indførsel og nævner forfatteren; eller udelad det og sig hvorfor. Alle ser, hvad du beslutter.
judging-empty = Der er intet at tage stilling til.
judging-closed = Afgjort
judging-take = Overtag
judging-leave = Udelad
judging-leave-do = Udelad med denne note
judging-note = Hvorfor udelades det?
judging-taken = Overtaget af { $who }, { $when }.
judging-left = Udeladt af { $who }, { $when }: { $note }
judging-file = Åbn indleveret arbejde
judging-opened = { $count ->
    [one] 1 ændring venter på en beslutning.
   *[other] { $count } ændringer venter på en beslutning.
 }
shut-out-hand-in = { $count ->
    [one] 1 ændring blev ikke leveret. Gem den som en forseglet fil, og giv den til en administrator, som alene kan åbne den.
   *[other] { $count } ændringer blev ikke leveret. Gem dem som en forseglet fil, og giv den til en administrator, som alene kan åbne den.
 }
hand-in = Gem ikke leveret arbejde
refused-judging-no-right = Arbejde til side afgøres af kontoret og administratorer. Spørg en af dem.
refused-judging-unknown = Det arbejde er ikke lagt til side på denne enhed. Se efter igen.
refused-judging-no-room = Der kom mere arbejde fra enheden { $device }, som er taget ud, end der lægges til side. Resten blev smidt væk. Den, der vil have det overtaget, gemmer det på den enhed som en fil og indleverer den.
refused-sync-forged-without-end = Der kom mere, som er forfalsket eller ikke passer, end der gemmes. Resten blev smidt væk. Spørg den, der driver relæet.
refused-judging-no-note = Sig med få ord, hvorfor det udelades.
refused-judging-goes-on = Det bygger på andet arbejde fra samme enhed, som ikke er overtaget. Overtag det først.
refused-judging-nothing = Alle enhedens ændringer er taget ind. Der er intet at indlevere.
refused-judging-none = Det er ikke en fil med indleveret arbejde. Vælg den fil, som den anden enhed gemte.
refused-judging-other-company = Arbejdet i filen hører til et andet firma.
refused-judging-not-for-you = Filen blev forseglet til dem, der var administratorer dengang. En af dem åbner den, eller den gemmes igen.
