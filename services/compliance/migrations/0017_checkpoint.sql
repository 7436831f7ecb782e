-- The state of every resource of one authority in one ledger at a point: where a start begins, instead of the ledger's
-- first entry. May be deleted at any time.
CREATE TABLE checkpoint (
  authority VARBINARY(63) NOT NULL,
  ledger VARBINARY(63) NOT NULL,
  token BLOB NOT NULL,
  revision BIGINT UNSIGNED NOT NULL,
  chunks INT UNSIGNED NOT NULL,
  format INT UNSIGNED NOT NULL,
  record_time DATETIME(6) NOT NULL,
  PRIMARY KEY (authority, ledger)
) ENGINE=InnoDB;
