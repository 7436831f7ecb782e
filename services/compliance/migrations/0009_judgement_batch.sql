-- One judgement that changed something: on which day, when, and on which points of the ledgers (tokens, one a line).
CREATE TABLE judgement_batch (
  authority VARBINARY(63) NOT NULL,
  batch BIGINT UNSIGNED NOT NULL,
  judged_date DATE NOT NULL,
  record_time DATETIME(6) NOT NULL,
  evaluator_version VARBINARY(63) NOT NULL,
  tokens BLOB NOT NULL,
  PRIMARY KEY (authority, batch)
) ENGINE=InnoDB;
