-- How far the history of an authority's findings has been written: its last batch, and the last day judged.
CREATE TABLE judgement (
  authority VARBINARY(63) NOT NULL PRIMARY KEY,
  batch BIGINT UNSIGNED NOT NULL,
  judged_date DATE NOT NULL
) ENGINE=InnoDB;
