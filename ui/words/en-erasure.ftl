refused-right-erase = Your roles do not let you erase { $kind } for good. Ask the office or an administrator.
refused-record-erased = The record was erased for good.
refused-record-erased-meanwhile = A colleague has erased a record for good that you had changed. Your change of it was not kept.
refused-erasure-never = These are not erased: the company's figures need them.
refused-erasure-needed-by-document = { $number } names it, and the law wants that document kept up to and including { $until }. Erase it afterwards.
refused-erasure-needed-by-undated = { $number } names it and has no date, so nobody can tell how long the law wants it kept. Give the document a date first.
refused-backup-erased-meanwhile = A record was erased for good while the backup was taken, and would have been in it. Take it once more.
