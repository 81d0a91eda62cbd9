# Dansk: hvem der findes to gange.
same = Findes den to gange?
same-stands = Den findes to gange. Alt, der nævner den, mener
same-row = er den samme
same-suggested = er måske den samme
same-find = Find den anden { $kind }
same-make = Det er den samme …
same-apart = Det er to alligevel
same-title = Gør denne og { $what } til én?
same-yes = Gør dem til én
same-means = Denne gælder for begge og overtager det, som kun den anden siger. Tilbud, ordrer, kontaktpersoner og beskeder hos den anden findes her. De kan skilles ad igen.
field-same-as = Er den samme som
refused-same-not = Kun to kunder, to leverandører eller to kontaktpersoner kan være den samme.
refused-same-other-registration = De har forskellige momsnumre og er derfor to virksomheder.
