-- What happened to the record of a session; parent is sessions/{session}. record_state is the number of
-- SessionRecord.State. The text is in record_text.
CREATE TABLE session_record (
  authority VARBINARY(63) NOT NULL,
  parent VARBINARY(191) NOT NULL,
  id VARBINARY(63) NOT NULL,
  version BIGINT UNSIGNED NOT NULL,
  deleted BOOLEAN NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  record_state SMALLINT NOT NULL,
  state MEDIUMBLOB NOT NULL,
  PRIMARY KEY (authority, parent, id)
) ENGINE=InnoDB;
