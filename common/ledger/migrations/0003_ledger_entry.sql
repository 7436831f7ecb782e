-- Every change ever made. resource_name, resource_type, payload and salt are NULL once erased by law; the chain holds
-- only the commitment to them.
CREATE TABLE ledger_entry (
  authority VARBINARY(63) NOT NULL,
  revision BIGINT UNSIGNED NOT NULL,
  incarnation BINARY(16) NOT NULL,
  time DATETIME(6) NOT NULL,
  actor VARBINARY(255) NOT NULL,
  method VARBINARY(255) NOT NULL,
  change_kind TINYINT UNSIGNED NOT NULL,
  resource_version BIGINT UNSIGNED NOT NULL,
  resource_name VARBINARY(512) NULL,
  resource_type VARBINARY(255) NULL,
  payload MEDIUMBLOB NULL,
  salt VARBINARY(32) NULL,
  commitment BINARY(32) NOT NULL,
  depends_on BLOB NOT NULL,
  erased_revisions MEDIUMBLOB NOT NULL,
  hash BINARY(32) NOT NULL,
  PRIMARY KEY (authority, revision)
) ENGINE=InnoDB;
