-- Decisions by managers outside of formal supervision; parent is empty.
CREATE TABLE management_decision (
  authority VARBINARY(63) NOT NULL,
  parent VARBINARY(191) NOT NULL,
  id VARBINARY(63) NOT NULL,
  version BIGINT UNSIGNED NOT NULL,
  deleted BOOLEAN NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  case_name VARBINARY(191) NOT NULL,
  made_by VARBINARY(191) NOT NULL,
  made_date DATE NOT NULL,
  state MEDIUMBLOB NOT NULL,
  PRIMARY KEY (authority, parent, id),
  KEY management_decision_by_case (authority, case_name)
) ENGINE=InnoDB;
