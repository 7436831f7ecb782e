-- Calls that were denied, and readings of confidential text. Resources stand here as keyed hashes only.
CREATE TABLE access_log (
  authority VARBINARY(63) NOT NULL,
  time DATETIME(6) NOT NULL,
  nonce BINARY(8) NOT NULL,
  actor VARBINARY(255) NOT NULL,
  roles VARBINARY(1000) NOT NULL,
  method VARBINARY(255) NOT NULL,
  resource_hash VARBINARY(17) NOT NULL,
  outcome TINYINT UNSIGNED NOT NULL,
  request_id VARBINARY(64) NOT NULL,
  PRIMARY KEY (authority, time, nonce),
  KEY access_log_by_actor (authority, actor, time, nonce),
  KEY access_log_by_resource (authority, resource_hash, time, nonce)
) ENGINE=InnoDB;
