# English: who is in the records twice.
same = Is it here twice?
same-stands = This is in the records twice. Whatever names it means
same-row = is the same
same-suggested = may be the same
same-find = Find the other { $kind }
same-make = It is the same …
same-apart = They are two after all
same-title = Make one of this and { $what }?
same-yes = Make it one
same-means = This one stands for both and takes over what only the other says. Quotes, orders, contacts and messages of the other are found here. The other can be taken apart again.
field-same-as = Is the same as
refused-same-not = Only two customers, two suppliers or two contacts can be the same.
refused-same-other-registration = They have different VAT numbers, and so are two companies.
