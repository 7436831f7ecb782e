-- The newest entry of each authority. Its lock, taken as the last act of a transaction, makes revision order commit
-- order.
CREATE TABLE ledger_head (
  authority VARBINARY(63) NOT NULL PRIMARY KEY,
  incarnation BINARY(16) NOT NULL,
  revision BIGINT UNSIGNED NOT NULL,
  hash BINARY(32) NOT NULL,
  time DATETIME(6) NOT NULL
) ENGINE=InnoDB;
