-- Cases discussed in a session; parent is sessions/{session}, case_name the whole resource name of the case.
CREATE TABLE case_discussion (
  authority VARBINARY(63) NOT NULL,
  parent VARBINARY(191) NOT NULL,
  id VARBINARY(63) NOT NULL,
  version BIGINT UNSIGNED NOT NULL,
  deleted BOOLEAN NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  case_name VARBINARY(191) NOT NULL,
  state MEDIUMBLOB NOT NULL,
  PRIMARY KEY (authority, parent, id),
  KEY case_discussion_by_case (authority, case_name)
) ENGINE=InnoDB;
