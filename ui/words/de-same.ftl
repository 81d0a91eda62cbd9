# Deutsch: was doppelt vorhanden ist.
same = Doppelt vorhanden?
same-stands = Dieser Datensatz ist doppelt vorhanden. Alles, was ihn nennt, meint
same-row = ist derselbe
same-suggested = ist vielleicht derselbe
same-find = Den anderen suchen: { $kind }
same-make = Es ist derselbe …
same-apart = Es sind doch zwei
same-title = Diesen Datensatz und { $what } zusammenführen?
same-yes = Zusammenführen
same-means = Dieser Datensatz gilt für beide und übernimmt, was nur der andere enthält. Angebote, Aufträge, Ansprechpartner und Telefonnotizen des anderen finden Sie hier. Die beiden können wieder getrennt werden.
field-same-as = Derselbe wie
refused-same-not = Nur zwei Kunden, zwei Lieferanten oder zwei Ansprechpartner können dasselbe sein.
refused-same-other-registration = Die USt-IdNr. der beiden sind verschieden; es sind also zwei Firmen.
