-- What was agreed in a session to be done; parent is sessions/{session}.
CREATE TABLE session_action (
  authority VARBINARY(63) NOT NULL,
  parent VARBINARY(191) NOT NULL,
  id VARBINARY(63) NOT NULL,
  version BIGINT UNSIGNED NOT NULL,
  deleted BOOLEAN NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  case_name VARBINARY(191) NULL,
  owner VARBINARY(191) NULL,
  due_date DATE NULL,
  state MEDIUMBLOB NOT NULL,
  PRIMARY KEY (authority, parent, id),
  KEY session_action_by_case (authority, case_name)
) ENGINE=InnoDB;
