-- Every attempt to read a text of a session record, written before the answer is sent. ground is the number of
-- AccessGround, 0 when it was denied.
CREATE TABLE record_access (
  number BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  authority VARBINARY(63) NOT NULL,
  record VARBINARY(320) NOT NULL,
  version INT UNSIGNED NOT NULL,
  time DATETIME(6) NOT NULL,
  actor VARBINARY(255) NOT NULL,
  worker VARBINARY(191) NOT NULL,
  ground TINYINT UNSIGNED NOT NULL,
  reason VARBINARY(500) NOT NULL,
  KEY record_access_by_authority (authority, number),
  KEY record_access_by_record (record, number)
) ENGINE=InnoDB;
