-- Its content, compressed: serialised oversight.ledger.v1.SnapshotResponse.
CREATE TABLE checkpoint_chunk (
  authority VARBINARY(63) NOT NULL,
  ledger VARBINARY(63) NOT NULL,
  number INT UNSIGNED NOT NULL,
  sha256 BINARY(32) NOT NULL,
  content MEDIUMBLOB NOT NULL,
  PRIMARY KEY (authority, ledger, number)
) ENGINE=InnoDB;
