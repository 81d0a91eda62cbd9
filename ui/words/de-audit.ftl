# Deutsch: Änderungsprotokoll.
audit = Änderungsprotokoll
audit-explains = Alles, was getan wurde, das Neueste zuerst, so wie es die Geräte der Firma signiert haben. Eine Zeitangabe ist, was die Uhr des Geräts sagte; die Reihenfolge beruht auf den Protokollen.
audit-person = Person
audit-device = Gerät
audit-kind = Was getan wurde
audit-kind-changes = Datensätze geschrieben
audit-kind-erasures = Datensätze gelöscht
audit-kind-members = Mitglieder geändert
audit-kind-checkpoints = Prüfpunkte
audit-since = Von
audit-until = Bis
audit-all = Alle
audit-more = Ältere anzeigen
audit-empty = Es gibt nichts, das passt. Suchen Sie oben weiter gefasst.
audit-check = Alle Signaturen prüfen
audit-stop = Anhalten
audit-progress = { $done } von { $of } Einträgen
audit-check-well = Alles passt: { $entries } Einträge und { $statements } Aussagen über Mitglieder, { $signatures } Signaturen.
audit-check-stopped = Angehalten. Was gelesen wurde, passt: { $entries } Einträge, { $signatures } Signaturen.
audit-check-broken = { $broken } von { $entries } Einträgen sind nicht das, was signiert wurde. Lassen Sie das Gerät, wie es ist, erstellen Sie eine Sicherung, und zeigen Sie dies der Person, die es betreut.
audit-chain = Die Mitgliederliste
audit-csv = Als Tabelle speichern (CSV)
audit-lines = Mit Nachweis speichern (JSON)
audit-proof = Änderungsprotokoll
audit-ahead = die Uhr ging falsch: Diese Zeit ist noch nicht gekommen
audit-recovery-code = Der Wiederherstellungscode
audit-more-records = { $count ->
    [one] und 1 weiterer Datensatz
   *[other] und { $count } weitere Datensätze
 }
audit-did-erased = Endgültig gelöscht: { $what }
audit-did-founded = Hat die Firma angelegt.
audit-did-admitted = Hat { $who } aufgenommen ({ $roles }).
audit-did-roles = Hat { $who } diese Rollen gegeben: { $roles }.
audit-new-keys = Alle haben neue Schlüssel erhalten.
audit-did-revoked = Hat { $who } ausgeschlossen. Alle anderen haben neue Schlüssel erhalten.
audit-did-keys = Hat allen neue Schlüssel gegeben (Nummer { $epoch }).
audit-did-recovered = Hat { $who } zum Administrator gemacht.
audit-did-new-code = Hat einen neuen Wiederherstellungscode erstellt; der vorige öffnet nichts mehr. Alle haben neue Schlüssel erhalten (Nummer { $epoch }).
audit-did-branched = Macht weiter als { $who }.
audit-did-repeated = { $count ->
    [one] Hat 1 Datensatz vollständig wiederholt, für einen Prüfpunkt.
   *[other] Hat { $count } Datensätze vollständig wiederholt, für einen Prüfpunkt.
 }
audit-did-checkpoint = { $count ->
    [one] Bürgt für alles vor diesem Prüfpunkt über 1 Datensatz; Geräte dürfen die älteren Einträge aufgeben.
   *[other] Bürgt für alles vor diesem Prüfpunkt über { $count } Datensätze; Geräte dürfen die älteren Einträge aufgeben.
 }
audit-did-unknown = Etwas, das eine neuere MERA-Version getan hat (Art { $kind }).
audit-says-created = angelegt
audit-says-erased = der Inhalt ist gelöscht
audit-says-locked = mit den Schlüsseln dieses Geräts nicht lesbar
audit-says-unreadable = der Inhalt steht nicht im Datensatz
audit-standing-verified = Bestätigt
audit-standing-altered = Nach der Signatur geändert
audit-standing-unsigned = Signatur passt nicht
audit-standing-no-right = Keine Berechtigung: zurückgestellt
audit-standing-revoked = Nach dem Ausschluss: zurückgestellt
audit-standing-erased = Bestätigt; Inhalt gelöscht
audit-standing-locked = Bestätigt; hier nicht lesbar
audit-standing-damaged = Vom Datenträger nicht lesbar
audit-proof-of = Nachweis für Eintrag { $number }
audit-proof-own = Der Verfasser hat diesen Eintrag signiert.
audit-proof-later = Die Signatur des Verfassers unter Eintrag { $number } deckt diesen über die Hashes dazwischen ab.
audit-proof-none = Keine passende Signatur deckt ihn ab.
audit-proof-hash = Hash
audit-proof-previous = Voriger Hash
audit-proof-key = Öffentlicher Schlüssel
audit-proof-message = Signiert ist
audit-proof-signature = Signatur
refused-audit-no-right = Das Änderungsprotokoll ist für Administratoren und die Buchhaltung. Fragen Sie dort nach, oder sehen Sie sich den Verlauf eines einzelnen Datensatzes an.
refused-audit-under-way = Eine andere Prüfung läuft gerade. Warten Sie, bis sie fertig ist, oder halten Sie sie an.
refused-audit-no-device = Signaturen prüft ein Gerät, das läuft. Starten Sie es.
audit-kind-judgements = Über Zurückgestelltes entschieden
audit-did-taken = Hat Änderung { $number } von { $who } übernommen.
audit-did-left = Hat Änderung { $number } von { $who } nicht übernommen: { $note }
judging = Zurückgestelltes
judging-explains = Was nirgends zählt, weil der Verfasser keine Berechtigung hatte oder ausgeschlossen war. Übernehmen Sie es, dann wird es als Ihr Eintrag geschrieben und nennt den Verfasser; oder übernehmen Sie es nicht und geben den Grund an. Alle sehen, was Sie entscheiden.
judging-empty = Es gibt nichts zu entscheiden.
judging-closed = Entschieden
judging-take = Übernehmen
judging-leave = Nicht übernehmen
judging-leave-do = Mit dieser Notiz nicht übernehmen
judging-note = Warum wird es nicht übernommen?
judging-taken = Übernommen von { $who }, { $when }.
judging-left = Nicht übernommen von { $who }, { $when }: { $note }
judging-file = Eingereichte Arbeit öffnen
judging-opened = { $count ->
    [one] 1 Änderung wartet auf eine Entscheidung.
   *[other] { $count } Änderungen warten auf eine Entscheidung.
 }
shut-out-hand-in = { $count ->
    [one] 1 Änderung wurde nicht übermittelt. Speichern Sie sie als versiegelte Datei, und geben Sie diese einem Administrator; nur er kann sie öffnen.
   *[other] { $count } Änderungen wurden nicht übermittelt. Speichern Sie sie als versiegelte Datei, und geben Sie diese einem Administrator; nur er kann sie öffnen.
 }
hand-in = Nicht übermittelte Arbeit speichern
refused-judging-no-right = Über Zurückgestelltes entscheiden das Büro und die Administratoren. Fragen Sie dort nach.
refused-judging-unknown = Auf diesem Gerät ist keine solche Arbeit zurückgestellt. Sehen Sie erneut nach.
refused-judging-no-room = Vom Gerät { $device }, das ausgeschlossen wurde, kam mehr Arbeit, als zurückgestellt wird. Der Rest wurde verworfen. Wer sie übernommen haben will, speichert sie auf jenem Gerät als Datei und reicht diese ein.
refused-sync-forged-without-end = Es kam mehr, das gefälscht ist oder nicht passt, als aufbewahrt wird. Der Rest wurde verworfen. Fragen Sie den Betreiber des Relais.
refused-judging-no-note = Geben Sie in wenigen Worten an, warum es nicht übernommen wird.
refused-judging-goes-on = Es baut auf anderer Arbeit desselben Geräts auf, die nicht übernommen wurde. Übernehmen Sie zuerst diese.
refused-judging-nothing = Alle Änderungen dieses Geräts wurden übernommen. Es gibt nichts einzureichen.
refused-judging-none = Das ist keine Datei mit eingereichter Arbeit. Wählen Sie die Datei, die das andere Gerät gespeichert hat.
refused-judging-other-company = Die Arbeit in dieser Datei gehört zu einer anderen Firma.
refused-judging-not-for-you = Die Datei wurde für die damaligen Administratoren versiegelt. Einer von ihnen öffnet sie, oder sie wird noch einmal gespeichert.
