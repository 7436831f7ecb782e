-- Requests already carried out, by the id their caller gave them (AIP-155).
CREATE TABLE ledger_request (
  authority VARBINARY(63) NOT NULL,
  actor VARBINARY(255) NOT NULL,
  request_id VARBINARY(255) NOT NULL,
  request_hash BINARY(32) NOT NULL,
  revision BIGINT UNSIGNED NOT NULL,
  time DATETIME(6) NOT NULL,
  PRIMARY KEY (authority, actor, request_id),
  KEY ledger_request_by_time (time)
) ENGINE=InnoDB;
