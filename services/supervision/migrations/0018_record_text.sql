-- The texts of session records, encrypted: parent is sessions/{session}, id the record's. part 1 is the text of a version,
-- part 2 what the supervisee asked to have changed in it. wrapped_key is the text's own key, encrypted with the key of the
-- key file that key_id names.
CREATE TABLE record_text (
  authority VARBINARY(63) NOT NULL,
  parent VARBINARY(191) NOT NULL,
  id VARBINARY(63) NOT NULL,
  version INT UNSIGNED NOT NULL,
  part TINYINT UNSIGNED NOT NULL,
  write_time DATETIME(6) NOT NULL,
  actor VARBINARY(255) NOT NULL,
  digest VARBINARY(64) NOT NULL,
  key_id VARBINARY(63) NOT NULL,
  wrapped_key VARBINARY(255) NOT NULL,
  ciphertext MEDIUMBLOB NOT NULL,
  PRIMARY KEY (authority, parent, id, version, part),
  KEY record_text_by_key (key_id, authority)
) ENGINE=InnoDB;
